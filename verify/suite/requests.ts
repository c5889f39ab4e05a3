import type { Check } from '../check.ts'
import { expect, isRefused, refusedAs } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer, Call } from '../target.ts'
import { dated } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, padded, refuseEachAs, tokenOf } from './asking.ts'
import { withRecord } from './backup.ts'
import { list } from './headers.ts'
import { add, localPaths, outcomeOf } from './scopes.ts'

const hour = 3_600_000

const withHeader = (bench: Workbench, name: string, value: string | string[] | undefined) =>
  list(bench, { headers: { [name]: value } })

const nothing: Call = { headers: { authorization: undefined, 'x-user-id': undefined, 'x-date': undefined } }

const view = ({ call }: Workbench, recordId: string, more: Call = {}) =>
  call('getBackupRecord', { params: { recordId }, ...more })

const bind =
  ({ call, word }: Workbench, more: object, other: Call = {}) =>
  (): Promise<Answer> =>
    call('bindDevice', { body: { machineCode: word(), ...more }, ...other })

/** @throws Unobservable where the credentials are good for one user alone */
async function asAnother(bench: Workbench): Promise<Call> {
  const other = { user: bench.word() }
  const { status } = await list(bench, other)()
  if (status === 401 || status === 403) throw new Unobservable('the credentials are good for one user alone')
  return other
}

/** Whether a parse of dates is kind: a minute has no second 60. */
const leapSecond = (bench: Workbench): string => dated(bench.target.now() - hour / 12).replace(/\d\dZ$/, '60Z')

export const orderChecks: readonly Check[] = [
  {
    id: 'DEC-1',
    title: 'The route is judged before Authorization, headers before the rule, and a table outweighs an example',
    readOnly: true,
    run: async (bench) => {
      const { target, call, word } = bench
      refusedAs('unknownRoute', await target.send('GET', '/nothing', nothing), 'no route, without any header')
      refusedAs('unauthorized', await list(bench, nothing)(), 'a request without any header')
      refusedAs('unauthorized', await view(bench, '1', nothing), 'no record, without any header')
      const old = await view(bench, '1', { datedBy: -hour })
      refusedAs('invalid', old, 'no record, with an old X-Date')
      const scopes = await call('listBackupScope', { params: { deviceId: word() } })
      refusedAs('invalid', scopes, 'listing scopes without moduleCode')
    },
  },
  {
    id: 'DEC-1',
    title: 'Syntax is judged before Authorization, and the body before the lock',
    run: async (bench) => {
      const broken = await bench.call('bindDevice', { ...nothing, body: '{' })
      refusedAs('malformed', broken, 'broken JSON, without any header')
      const empty = await bench.call('createBackupRecord', { lockId: bench.word(), body: {} })
      refusedAs('invalid', empty, 'an empty body under no lock')
    },
  },
  {
    id: 'DEC-2',
    title: 'Bearer in any case, a space or a plus, and a token are accepted, anything else is unauthorized',
    readOnly: true,
    run: async (bench) => {
      const token = tokenOf(bench)
      const sent = (authorization: string) => withHeader(bench, 'authorization', authorization)
      await acceptEach({
        'bearer in lower case': sent(`bearer ${token}`),
        'BEARER and a plus': sent(`BEARER+${token}`),
      })
      await refuseEachAs('unauthorized', {
        'a bare token': sent(token),
        'a token after two spaces': sent(`Bearer  ${token}`),
        'a token of two words': sent(`Bearer ${token} ${token}`),
        'Bearer alone': sent('Bearer'),
        'another scheme': sent(`Basic ${token}`),
      })
    },
  },
  {
    id: 'DEC-4',
    title: 'X-User-Id has at most 64 characters, and no space',
    readOnly: true,
    run: (bench) =>
      refuseEachAs('invalid', {
        'an X-User-Id of 65 characters': list(bench, { user: padded('a', 65) }),
        'an X-User-Id with a space': list(bench, { user: 'a b' }),
      }),
  },
  {
    id: 'DEC-4',
    title: 'What belongs to another user does not exist',
    run: async (bench) => {
      const other = await asAnother(bench)
      await withRecord(bench, async ({ lockId, deviceId, recordId }) => {
        refusedAs('notFound', await view(bench, recordId, other), "viewing another user's record")
        const unbound = await bench.call('unbindDevice', { ...other, params: { deviceId } })
        refusedAs('notFound', unbound, "unbinding another user's device")
        const renewed = await bench.call('renewalBackupLock', { ...other, lockId })
        refusedAs('lockNotHeld', renewed, "renewing another user's lock")
      })
    },
  },
  {
    id: 'DEC-5',
    title: 'X-Date is a real instant, and a mandatory header is sent once',
    readOnly: true,
    run: async (bench) => {
      tokenOf(bench)
      const date = dated(bench.target.now())
      await refuseEachAs('invalid', {
        'an X-Date with a second 60': withHeader(bench, 'x-date', leapSecond(bench)),
        'two X-Date': withHeader(bench, 'x-date', [date, date]),
        'two X-User-Id': withHeader(bench, 'x-user-id', [bench.target.userId, bench.target.userId]),
      })
      const authorization = `Bearer ${tokenOf(bench)}`
      const twice = withHeader(bench, 'authorization', [authorization, authorization])
      await refuseEachAs('unauthorized', { 'two Authorization': twice })
    },
  },
]

export const contractChecks: readonly Check[] = [
  {
    id: 'DEC-6',
    title: 'JSON has its media type, with any parameters, and any other is refused; an empty body is none',
    run: async (bench) => {
      const typed = (type: string, body?: unknown) =>
        bind(bench, {}, { headers: { 'content-type': type }, ...(body !== undefined && { body }) })
      await acceptEach({ 'JSON with a charset': typed('application/json; charset=utf-8') })
      await refuseEachAs('mediaType', {
        'a body as plain text': typed('text/plain'),
        'a body as a form': typed('application/x-www-form-urlencoded'),
      })
      await refuseEachAs('invalid', { 'an empty body': typed('application/json', '') })
    },
  },
  {
    id: 'DEC-8',
    title: 'Unknown properties and parameters are ignored, null is absent, and nothing is coerced',
    run: async (bench) => {
      const query = { unknown: 'a' }
      await acceptEach({
        'an unknown property': bind(bench, { unknown: 1 }),
        'an unknown parameter': list(bench, { query }),
        'null for an optional property': bind(bench, { deviceName: null }),
      })
      await refuseEachAs('invalid', {
        'null for a mandatory property': bind(bench, { machineCode: null }),
        'a number for a string': bind(bench, { machineCode: 1 }),
        'a parameter given twice': () => bench.target.send('GET', '/record?pageSize=1&moduleCode=102&moduleCode=102'),
        'a pageSize of 1.0': () => bench.target.send('GET', '/record?moduleCode=102&pageSize=1.0'),
      })
    },
  },
  {
    id: 'DEC-9',
    title: 'An id in a path has 1 to 64 letters, digits, underscores and dashes',
    readOnly: true,
    run: async (bench) => {
      refusedAs('notFound', await view(bench, padded('a-B', 64)), 'an id of 64 characters')
      refusedAs('invalid', await view(bench, padded('a', 65)), 'an id of 65 characters')
      refusedAs('invalid', await view(bench, 'a.b'), 'an id with a full stop')
    },
  },
  {
    id: 'DEC-9',
    title: 'Binding with an X-traceid that does not have 58 characters is refused',
    run: (bench) =>
      refuseEachAs('invalid', {
        'an X-traceid of 57 characters': bind(bench, {}, { headers: { 'x-traceid': padded('a', 57) } }),
        'an X-traceid of 59 characters': bind(bench, {}, { headers: { 'x-traceid': padded('a', 59) } }),
      }),
  },
  {
    id: 'DEC-10',
    title: 'Lengths count UTF-16 code units, patterns match whole strings, white space is ASCII',
    run: async (bench) => {
      const deviceId = await bench.device()
      const longest = { localPath: `/${'😀'.repeat(4_999)}a` }
      const { scopeList } = outcomeOf(await add(bench, deviceId, [longest, { localPath: `${longest.localPath}a` }]))
      expect(localPaths(scopeList) === localPaths([longest]), '10,000 code units are not where a path ends')
      await refuseEachAs('invalid', {
        'a machine code with a newline at its end': bind(bench, { machineCode: `${bench.word()}\n` }),
        'a name with a no-break space': bind(bench, { deviceName: 'a\u00a0b' }),
        'a path with half a character': () => add(bench, deviceId, [{ localPath: '/\ud800' }]),
      })
    },
  },
]

export const refusalChecks: readonly Check[] = [
  {
    id: 'DEC-11',
    title: 'Refusals have HTTP 400, or all have 200; 401 and 404 stay',
    readOnly: true,
    run: async (bench) => {
      const [invalid, missing] = [await list(bench, { datedBy: -hour })(), await view(bench, '1')]
      expect(isRefused(invalid) && isRefused(missing), 'an old X-Date and an unknown record were to be refused')
      const isKept = [400, 200].includes(invalid.status) && invalid.status === missing.status
      expect(isKept, `refusals have HTTP ${invalid.status} and ${missing.status}`)
      refusedAs('unauthorized', await list(bench, nothing)(), 'a request without any header')
      refusedAs('unknownRoute', await bench.target.send('GET', '/nothing'), 'no route')
    },
  },
  {
    id: 'DEC-12',
    title: 'What cannot be parsed or routed is 13000101, what breaks a constraint is 13000102',
    run: async (bench) => {
      const broken = () => bench.call('bindDevice', { body: '{"machineCode":' })
      await refuseEachAs('malformed', { 'broken JSON': broken })
      await refuseEachAs('unknownRoute', { 'no route': () => bench.target.send('POST', '/nothing') })
      await refuseEachAs('invalid', { 'a machine code with a dash': bind(bench, { machineCode: 'a-b' }) })
    },
  },
  {
    id: 'DEC-13',
    title: 'A request without Authorization is refused with 13990401',
    readOnly: true,
    run: (bench) => refuseEachAs('unauthorized', { 'no Authorization': list(bench, nothing) }),
  },
  {
    id: 'DEC-15',
    title: "msg is the catalogue's text, and the header x-emulator-reason says more",
    readOnly: true,
    run: async (bench) => {
      const answer = await view(bench, '1')
      refusedAs('notFound', answer, 'viewing no record')
      const reason = `${answer.headers['x-emulator-reason'] ?? ''}`
      expect(/^[\x20-\x7e]{1,512}$/.test(reason), `the header x-emulator-reason is "${reason.slice(0, 100)}"`)
    },
  },
]
