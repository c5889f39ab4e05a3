import t from 'tap'
import { basePath } from '../schemas/common.ts'
import type { Backups } from './fixtures/backup.ts'
import { backupsFor, exchange, listen, minutes, requestText } from './fixtures/backup.ts'
import { exampleDevice, exampleUser } from './fixtures/emulator.ts'

const held = { code: 13990423, msg: 'The backup lock is held.' }
const notHeld = { code: 13990424, msg: 'The backup lock is not held.' }
const invalid = { code: 13000102, msg: 'Verify parameters failed.' }
const done = { code: 0, msg: 'success' }

const lifetime = 10 * minutes
const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}@102$/

/** The two operations on a lock that must be held. */
const onLock = [
  ['PATCH', 'renewing'],
  ['DELETE', 'releasing'],
] as const

const create = (backups: Backups, moduleCode = '102', user = exampleUser) =>
  backups.send('POST', '/lock', { body: { moduleCode }, user })

t.test('contract', async (t) => {
  const backups = await backupsFor(t)
  const { send } = backups

  const refusals: [title: string, body: unknown, reason: string][] = [
    ['no body', undefined, 'body is missing; expected an object'],
    ['a body that is null', 'null', 'body is null; expected an object'],
    ['a body that is a list', [], 'body is an array of 0; expected an object'],
    ['a body that is text', '"102"', 'body is a string of 3; expected an object'],
    ['no moduleCode', {}, 'body/moduleCode is missing; expected one of "100", "101", "102" [COM-7]'],
    ['null', { moduleCode: null }, 'body/moduleCode is null'],
    ['a number', { moduleCode: 102 }, 'body/moduleCode is a number'],
    ['an empty moduleCode', { moduleCode: '' }, 'body/moduleCode is empty'],
    ['099', { moduleCode: '099' }, 'body/moduleCode is a string of 3'],
    ['103', { moduleCode: '103' }, 'body/moduleCode is a string of 3'],
    ['a newline after it', { moduleCode: '102\n' }, 'body/moduleCode is a string of 4'],
  ]
  for (const [title, body, reason] of refusals) {
    t.test(`LOC-1 COM-7 DEC-25: creating refuses ${title}`, async (t) => {
      const response = await send('POST', '/lock', { body })
      t.equal(response.statusCode, 400)
      t.same(response.json(), invalid)
      t.match(response.headers['x-emulator-reason'], reason)
    })
  }

  t.test('LOC-1 COM-7: every module has a lock, and what nobody knows is ignored', async (t) => {
    const { send } = await backupsFor(t)
    for (const moduleCode of ['100', '101', '102']) {
      const response = await send('POST', '/lock', { body: { moduleCode, extra: 1 } })
      t.same(Object.keys(response.json()), ['data', 'code', 'msg'])
      t.match(response.json(), { data: { lockId: new RegExp(`^.{36}@${moduleCode}$`) }, ...done })
    }
  })

  t.test('COM-6: creating a lock needs none and does not look at one', async (t) => {
    const backups = await backupsFor(t)
    t.equal((await backups.send('POST', '/lock', { body: { moduleCode: '102' }, lock: 'any thing' })).json().code, 0)
  })

  for (const [method, title] of onLock) {
    t.test(
      `COM-6 LOC-2 LOC-3 DEC-26: ${title} without the header, or with one of another form, is invalid`,
      async (t) => {
        for (const [lock, reason] of [
          [undefined, 'x-backup-lock-id is missing; expected a string matching ^[\\x21-\\x7e]+$ [COM-6 DEC-26]'],
          ['', 'x-backup-lock-id is empty'],
          ['a b', 'x-backup-lock-id is a string of 3'],
          ['a\u00fc', 'x-backup-lock-id is a string of 2'],
        ] as const) {
          const response = await send(method, '/lock', { lock })
          t.equal(response.statusCode, 400)
          t.same(response.json(), invalid)
          t.match(response.headers['x-emulator-reason'], reason)
        }
      },
    )

    t.test(
      `COM-6 LOC-2 LOC-3 DEC-5: ${title} with the header given twice is invalid, the same value or not`,
      async (t) => {
        const backups = await backupsFor(t)
        const port = await listen(backups)
        const lock = await backups.lock()
        const lines = [...Object.entries(backups.headers()), ['x-backup-lock-id', lock] as const]
        for (const second of [lock, 'another', '']) {
          const answer = await exchange(
            port,
            requestText(method, '/lock', [...lines, ['X-Backup-Lock-Id', second] as const]),
          )
          t.match(answer, /^HTTP\/1.1 400 /)
          t.match(answer, '"code":13000102')
          t.match(answer, 'x-emulator-reason: x-backup-lock-id was sent more than once; send it once [DEC-5]')
        }
        const once = await exchange(port, requestText(method, '/lock', lines))
        t.match(once, '"code":0', 'and none of those touched the lock')
      },
    )

    t.test(`COM-6 LOC-2 LOC-3: ${title} takes any visible characters as a lock id, and no body`, async (t) => {
      const { send, lock } = await backupsFor(t)
      for (const id of ['!', '~', 'x'.repeat(4000), '00000000-0000-4000-8000-000000000000@102']) {
        t.same((await send(method, '/lock', { lock: id })).json(), notHeld)
      }
      const response = await send(method, '/lock', { lock: await lock(), headers: { 'content-type': 'text/plain' } })
      t.same(response.json(), done)
      t.same(Object.keys(response.json()), ['code', 'msg'])
    })
  }
})

t.test('rule', async (t) => {
  t.test('LOC-1: a lock id is a UUID of version 4, an @ and the module code', async (t) => {
    const backups = await backupsFor(t)
    const ids = new Set<string>()
    for (let user = 0; user < 200; user += 1) {
      const lockId = await backups.lock('102', `user-${user}`)
      t.match(lockId, form)
      ids.add(lockId)
    }
    t.equal(ids.size, 200)
    t.same(
      [...new Set([...ids].map((id) => id.charAt(19)))].sort(),
      ['8', '9', 'a', 'b'],
      'every variant of the standard comes up',
    )
  })

  t.test('DEC-25: one live lock of a user and module; of other users and modules there may be more', async (t) => {
    const backups = await backupsFor(t)
    t.equal((await create(backups)).json().code, 0)
    const refused = await create(backups)
    t.equal(refused.statusCode, 400)
    t.same(refused.json(), held)
    t.match(refused.headers['x-emulator-reason'], "body/moduleCode: this module's lock is held")
    t.equal((await create(backups, '101')).json().code, 0)
    t.equal((await create(backups, '102', 'another')).json().code, 0)
    t.same((await create(backups, '101')).json(), held)
    t.same((await create(backups, '102', 'another')).json(), held)
  })

  for (const [title, age, isAlive] of [
    ['at 9:59.999 the lock is alive', lifetime - 1, true],
    ['at exactly ten minutes the lock is gone', lifetime, false],
    ['a day later the lock is gone', 24 * 60 * minutes, false],
  ] as const) {
    t.test(`LOC-1 DEC-25: ${title}`, async (t) => {
      const asked: [
        string,
        (backups: Backups, lock: string) => Promise<number>,
        whenAlive: number,
        whenGone: number,
      ][] = [
        ['creating', async (backups) => (await create(backups)).json().code, 13990423, 0],
        ['renewing', async ({ send }, lock) => (await send('PATCH', '/lock', { lock })).json().code, 0, 13990424],
        ['releasing', async ({ send }, lock) => (await send('DELETE', '/lock', { lock })).json().code, 0, 13990424],
        [
          'beginning a record',
          async ({ send }, lock) =>
            (await send('POST', '/record', { body: { moduleCode: '102', deviceId: exampleDevice }, lock })).json().code,
          0,
          13990424,
        ],
      ]
      for (const [operation, ask, whenAlive, whenGone] of asked) {
        const backups = await backupsFor(t)
        const lock = await backups.lock()
        backups.time.now += age
        t.equal(await ask(backups, lock), isAlive ? whenAlive : whenGone, operation)
      }
    })
  }

  t.test('LOC-2: renewing computes the expiry afresh, ten minutes from now', async (t) => {
    const backups = await backupsFor(t)
    const { send, time } = backups
    const lock = await backups.lock()
    time.now += lifetime - 1
    t.same((await send('PATCH', '/lock', { lock })).json(), done, 'a millisecond before the end')
    time.now += lifetime - 1
    t.same((await create(backups)).json(), held, 'it lives on for as long again')
    time.now += 1
    t.same((await send('PATCH', '/lock', { lock })).json(), notHeld)
    t.equal((await create(backups)).json().code, 0)
  })

  t.test('LOC-2: renewing twice does not add up', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    for (let time = 0; time < 3; time += 1) await backups.send('PATCH', '/lock', { lock })
    backups.time.now += lifetime
    t.same((await backups.send('PATCH', '/lock', { lock })).json(), notHeld)
  })

  t.test('LOC-3: a lock that was released can be taken again at once', async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    t.same((await backups.send('DELETE', '/lock', { lock })).json(), done)
    t.not(await backups.lock(), lock)
  })

  for (const [method, title] of onLock) {
    const cases: [what: string, prepare: (backups: Backups) => Promise<string>, reason: RegExp][] = [
      ['an unknown lock', async () => '78e41c7e-db02-4d55-85b3-8153e4fefd2e@102', /no such lock/],
      ['a lock id without its module', async (backups) => (await backups.lock()).slice(0, 36), /no such lock/],
      ['a lock id in upper case', async (backups) => (await backups.lock()).toUpperCase(), /no such lock/],
      [
        'an expired lock',
        async (backups) => {
          const lock = await backups.lock()
          backups.time.now += lifetime
          return lock
        },
        /the lock has expired; renew it before ten minutes pass/,
      ],
      [
        'a lock whose place another has taken',
        async (backups) => {
          const lock = await backups.lock()
          backups.time.now += lifetime
          await backups.lock()
          return lock
        },
        /no such lock; it may .* have expired and been followed by another/,
      ],
      [
        'a released lock',
        async (backups) => {
          const lock = await backups.lock()
          await backups.send('DELETE', '/lock', { lock })
          return lock
        },
        /it may have been released/,
      ],
      ["another user's lock", (backups) => backups.lock('102', 'another'), /this user has no such lock/],
    ]
    for (const [what, prepare, reason] of cases) {
      t.test(`LOC-2 LOC-3 DEC-25: ${title} ${what} is lockNotHeld`, async (t) => {
        const backups = await backupsFor(t)
        const lock = await prepare(backups)
        const response = await backups.send(method, '/lock', { lock })
        t.equal(response.statusCode, 400)
        t.same(response.json(), notHeld)
        t.match(response.headers['x-emulator-reason'], reason)
      })
    }
  }
})

t.test('effect', async (t) => {
  t.test("DEC-4: nobody renews or releases another user's lock, and trying does not change it", async (t) => {
    const backups = await backupsFor(t)
    const lock = await backups.lock()
    backups.time.now += 5 * minutes
    await backups.send('PATCH', '/lock', { lock, user: 'another' })
    await backups.send('DELETE', '/lock', { lock, user: 'another' })
    t.same((await create(backups)).json(), held, 'not released')
    backups.time.now += 5 * minutes
    t.equal((await create(backups)).json().code, 0, 'not renewed')
  })

  t.test('LOC-3: releasing one module leaves the others', async (t) => {
    const backups = await backupsFor(t)
    const [folder, album] = [await backups.lock('100'), await backups.lock('101')]
    await backups.send('DELETE', '/lock', { lock: folder })
    t.same((await backups.send('PATCH', '/lock', { lock: album })).json(), done)
  })

  t.test('DEC-31: the same settings and requests give the same lock ids; a refused create uses up none', async (t) => {
    const one = await backupsFor(t)
    const other = await backupsFor(t)
    const users = Array.from({ length: 20 }, (_, index) => `user-${index}`)
    const ids: string[] = []
    for (const user of users) ids.push(await one.lock('102', user))
    t.equal(new Set(ids).size, users.length)
    for (const [index, user] of users.entries()) {
      t.equal(await other.lock('102', user), ids[index])
      t.same((await create(other, '102', user)).json(), held)
      await other.send('POST', '/lock', { body: { moduleCode: '1' }, user })
    }
  })

  t.test('DEC-31: after a restart the lock lives on, and ids go on and never come again', async (t) => {
    const db = `${t.testdir({})}/emulator.db`
    const straight = await backupsFor(t)
    const first = await backupsFor(t, { db })
    const before = [await first.lock('100'), await first.lock('101')]
    await first.stop()
    const second = await backupsFor(t, { db })
    second.time.now += lifetime - 1
    t.same((await create(second, '100')).json(), held)
    t.same((await second.send('PATCH', '/lock', { lock: before[0] })).json(), done)
    const after = [await second.lock('102'), await second.lock('102', 'another')]
    const whole = [
      await straight.lock('100'),
      await straight.lock('101'),
      await straight.lock('102'),
      await straight.lock('102', 'another'),
    ]
    t.same([...before, ...after], whole, 'as without the restart')
    t.equal(new Set(whole).size, 4)
  })

  t.test('DEC-25: in 50 races over many connections, simultaneous creates give exactly one lock', async (t) => {
    const backups = await backupsFor(t, { logLevel: 'silent' })
    const url = `http://127.0.0.1:${await listen(backups)}${basePath}/lock`
    for (let round = 1; round <= 50; round += 1) {
      const racers = Array.from({ length: 20 }, async () => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...backups.headers(), 'content-type': 'application/json' },
          body: '{"moduleCode":"102"}',
        })
        return (await response.json()) as { code: number; data?: { lockId: string } } // a lock, or a refusal
      })
      const answers = await Promise.all(racers)
      const winners = answers.filter(({ code }) => code === 0)
      t.equal(winners.length, 1, `round ${round}`)
      t.equal(answers.filter(({ code }) => code === held.code).length, 19)
      t.same((await backups.send('DELETE', '/lock', { lock: winners[0]?.data?.lockId })).json(), done)
    }
  })
})
