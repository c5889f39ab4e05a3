import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { ErrorKey } from '../src/errors.ts'
import { catalogue } from '../src/errors.ts'
import { StartupError } from '../src/process/startup-error.ts'
import { readProfile } from '../src/settings/profile-file.ts'
import type { SettingTexts } from '../src/settings/settings.ts'
import type { TestEmulator } from './fixtures/emulator.ts'
import { emulatorFor, exampleDevice } from './fixtures/emulator.ts'

/** A file with this in it, as JSON unless it is text. */
const profileFile = (t: import('tap').Test, content: unknown): string =>
  join(t.testdir({ 'profile.json': typeof content === 'string' ? content : JSON.stringify(content) }), 'profile.json')

const profiled = (t: import('tap').Test, errors: object, texts?: SettingTexts): Promise<TestEmulator> =>
  emulatorFor(t, { profile: profileFile(t, { errors }), ...texts })

/** A request for each refusal that a single one provokes. */
const provocations: Partial<Record<ErrorKey, (emulator: TestEmulator) => ReturnType<TestEmulator['call']>>> = {
  unknownRoute: ({ call }) => call({ path: '/nowhere' }),
  malformed: ({ call }) => call({ body: '{' }),
  tooLarge: ({ call }) => call({ body: ' '.repeat(12 * 1024 * 1024 + 1) }),
  mediaType: ({ call }) => call({ body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
  invalid: ({ call }) => call({ body: {} }),
  notFound: ({ call }) => call({ method: 'GET', path: '/record/1' }),
  unauthorized: ({ call }) => call({ headers: { authorization: 'none' } }),
  lockNotHeld: ({ call }) => call({ method: 'PATCH', path: '/lock', headers: { 'x-backup-lock-id': 'none' } }),
  valueMismatch: ({ call }) => {
    const names = { moduleCode: '102', configName: 'backend_backup_switch' }
    const body = { ...names, currentConfigValue: 'wrong', newConfigValue: 'x' }
    return call({ method: 'PATCH', path: `/device/${exampleDevice}/config`, body })
  },
}

t.test('DEC-14: without a profile the catalogue is the one of DEC-14', async (t) => {
  t.equal(readProfile(undefined), catalogue)
  t.same(readProfile(profileFile(t, { errors: {} })), catalogue)
})

t.test('DEC-14: any part of an entry may be put in other words, and what is not stays', async (t) => {
  const emulator = await profiled(t, {
    unknownRoute: { status: 410 },
    malformed: { code: 41 },
    tooLarge: { msg: 'Too much ü' },
    mediaType: { status: 400, code: 42, msg: '' },
    invalid: { status: 422, code: 43 },
    notFound: { status: 404, msg: 'Nothing here.' },
    unauthorized: { code: 44, msg: 'Who?' },
    lockNotHeld: {},
  })
  for (const [key, status, code, msg] of [
    ['unknownRoute', 410, 13000101, 'Bad Request'],
    ['malformed', 400, 41, 'Bad Request'],
    ['tooLarge', 413, 13000101, 'Too much ü'],
    ['mediaType', 400, 42, ''],
    ['invalid', 422, 43, 'Verify parameters failed.'],
    ['notFound', 404, 13000309, 'Nothing here.'],
    ['unauthorized', 401, 44, 'Who?'],
    ['lockNotHeld', 400, 13990424, 'The backup lock is not held.'],
    ['valueMismatch', 400, 13990409, 'The current configuration value does not match.'],
  ] as const) {
    const response = await provocations[key]?.(emulator)
    t.equal(response?.statusCode, status, key)
    t.same(response?.json(), { code, msg }, key)
  }
})

t.test('DEC-14: every key of the catalogue may be overridden, and one world is not another', async (t) => {
  for (const key of Object.keys(catalogue) as ErrorKey[]) {
    // keys of a constant object are its keys
    const override = { status: 418, code: 1, msg: `other ${key}` }
    t.same(readProfile(profileFile(t, { errors: { [key]: override } })), { ...catalogue, [key]: override })
  }
  const [plain, other] = [await emulatorFor(t), await profiled(t, { invalid: { code: 7 } })]
  t.equal((await other.call({ body: {} })).json().code, 7)
  t.equal((await plain.call({ body: {} })).json().code, 13000102)
})

t.test('DEC-14 DEC-19 DEC-20: items that fail alone take their code and message from the profile', async (t) => {
  const { call } = await profiled(
    t,
    {
      scopeExists: { code: 2_147_483_648, msg: 'Again?' },
      invalid: { code: 5 },
      tooManyScopes: { status: 507, msg: 'Full.' },
      notFound: { status: 404, code: 6, msg: 'Gone.' },
    },
    { scopesPerModule: '1' },
  )
  const scopeList = [{ localPath: '/a' }, { localPath: '/a' }, { localPath: 'bad' }, { localPath: '/b' }]
  const added = await call({ body: { moduleCode: '102', scopeList } })
  t.equal(added.statusCode, 200, 'the status of an item is nobody’s')
  t.match(added.json(), {
    failedScopeList: [
      { errorCode: '2147483648', msg: 'Again?' },
      { errorCode: '5', msg: 'Verify parameters failed.' },
      { errorCode: '13990411', msg: 'Full.' },
    ],
    code: 0,
  })
  const path = `/device/${exampleDevice}/scope`
  const deleted = await call({ method: 'DELETE', path, body: { scopeIdList: ['1'] } })
  t.equal(deleted.statusCode, 200)
  t.same(deleted.json().failedScopeList, [{ scopeId: '1', errorCode: '6', msg: 'Gone.' }])
})

t.test('DEC-11 DEC-14: error-status=ok stands in for 400 alone, be it the profile’s 400', async (t) => {
  const errors = { invalid: { status: 409 }, unauthorized: { status: 400 }, notFound: { code: 8 } }
  const emulator = await profiled(t, errors, { errorStatus: 'ok' })
  for (const [key, status, code] of [
    ['invalid', 409, 13000102],
    ['unauthorized', 200, 13990401],
    ['notFound', 200, 8],
    ['unknownRoute', 404, 13000101],
    ['malformed', 200, 13000101],
  ] as const) {
    const response = await provocations[key]?.(emulator)
    t.equal(response?.statusCode, status, key)
    t.equal(response?.json().code, code, key)
  }
})

t.test('DEC-15: the reason is told beside the profile’s message', async (t) => {
  const emulator = await profiled(t, { invalid: { msg: 'No.' } })
  const response = await emulator.call({ body: {} })
  t.match(response.headers['x-emulator-reason'], 'body/moduleCode is missing')
  t.match(emulator.logLines.at(-1), '"code":13000102')
})

t.test('DEC-14: a mistake in a profile is one sentence at start, and makes no database', async (t) => {
  for (const [content, sentence] of [
    [{ errors: { lockheld: { code: 1 } } }, 'profile/errors/lockheld is not a known property'],
    [{ errors: {}, error: {} }, 'profile/error is not a known property'],
    [{ errors: { lockHeld: { message: 'x' } } }, 'profile/errors/lockHeld/message is not a known property'],
    [{ errors: { lockHeld: { status: '409' } } }, 'status is a string of 3; expected an integer from 200 to 599'],
    [{ errors: { lockHeld: { status: 199 } } }, 'status is a number; expected an integer from 200 to 599'],
    [{ errors: { lockHeld: { status: 600 } } }, 'status is a number; expected an integer from 200 to 599'],
    ...[204, 205, 304, 299, 306, 419, 599].map(
      (status) =>
        [
          { errors: { lockHeld: { status: 400 }, notFound: { status } } },
          `profile/errors/notFound/status is ${status}; expected a registered status from 200 to 599 that has a body`,
        ] as const,
    ),
    [{ errors: { lockHeld: { status: 409.5 } } }, 'status is a number; expected an integer from 200 to 599'],
    [
      { errors: { lockHeld: { code: 0 } } },
      'profile/errors/lockHeld/code is a number; expected an integer of at least 1',
    ],
    [{ errors: { lockHeld: { code: '1' } } }, 'code is a string of 1; expected an integer of at least 1'],
    [{ errors: { lockHeld: { msg: 5 } } }, 'profile/errors/lockHeld/msg is a number; expected a string'],
    [{ errors: { lockHeld: { msg: null } } }, 'profile/errors/lockHeld/msg is null; expected a string'],
    [{ errors: { lockHeld: 409 } }, 'profile/errors/lockHeld is a number; expected an object'],
    ['{"errors":{"__proto__":{"code":1}}}', 'profile/errors/__proto__ is not a known property'],
    [{ errors: [] }, 'profile/errors is an array of 0; expected an object'],
    [{}, 'profile/errors is missing; expected an object'],
    [[], 'profile is an array of 0; expected an object'],
    ['null', 'profile is null; expected an object'],
    ['', 'is not JSON: '],
    ['{"errors":{}', 'is not JSON: '],
  ] as const) {
    const profile = profileFile(t, content)
    const db = join(profile, '..', 'emulator.db')
    const error: unknown = await emulatorFor(t, { profile, db }).catch((problem: unknown) => problem)
    if (!(error instanceof StartupError)) return t.fail(`${JSON.stringify(content)} gave ${String(error)}`)
    t.ok(error.message.startsWith(`the profile ${profile} `), error.message)
    t.ok(error.message.includes(sentence), error.message)
    t.notMatch(error.message, '\n')
    t.notOk(existsSync(db))
  }
})

t.test('DEC-14: a file that is missing, or a folder, cannot be read', async (t) => {
  for (const [profile, cause] of [
    [join(t.testdir({}), 'none.json'), 'ENOENT'],
    [t.testdirName, 'EISDIR'],
  ] as const) {
    await t.rejects(emulatorFor(t, { profile }), new StartupError(`the profile ${profile} cannot be read: ${cause}`))
  }
})

t.test('DEC-14: on the command line a mistake is one line and exit status 1', async (t) => {
  const profile = profileFile(t, { errors: { lockHeld: { status: 9 } } })
  const args = ['src/main.js', '--port', '0', '--db', ':memory:', '--profile', profile]
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 20_000 })
  t.equal(status, 1)
  t.equal(stdout, '')
  t.match(stderr, /^koodrive-backup-emulator: the profile \S+ has a mistake: [^\n]+\n$/)
})
