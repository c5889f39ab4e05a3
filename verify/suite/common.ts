import { Type } from '@sinclair/typebox'
import { wordOf } from '../../cli/visible.ts'
import { Instant } from '../../schemas/common.ts'
import { millisOf } from '../../src/store/snowflake.ts'
import type { Check } from '../check.ts'
import { accepted, expect, expectForm, refused } from '../expect.ts'
import { Unobservable } from '../failures.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, refuseEach, tokenOf } from './asking.ts'
import { withRecord } from './backup.ts'
import { list } from './headers.ts'
import { add, outcomeOf, paths, stored } from './scopes.ts'

const minute = 60_000

/** COM-8. */
const Envelope = Type.Object({ code: Type.Literal(0), msg: Type.Literal('success') })
/** COM-9. */
const Id = Type.String({ pattern: '^[0-9]{19}$' })

/** COM-11. */
const statuses = [200, 400, 401, 500]

/** What was made, with its time: a device, then a scope, then a record. */
async function makings(bench: Workbench): Promise<{ id: unknown; createTime: unknown }[]> {
  const bound = await bench.call('bindDevice', { body: { machineCode: bench.word() } })
  accepted(bound, 'binding a device')
  const device = Object(Object(bound.json).data)
  const [scope] = outcomeOf(await add(bench, wordOf(device.deviceId), paths(1))).scopeList
  const made = [{ id: device.deviceId, createTime: device.createTime }]
  made.push({ id: scope?.scopeId, createTime: scope?.createTime })
  await withRecord(bench, async ({ recordId }) => {
    const viewed = await bench.call('getBackupRecord', { params: { recordId } })
    made.push({ id: recordId, createTime: Object(Object(viewed.json).data).createTime })
  })
  return made
}

const keysOf = ({ json }: Answer): string[] => Object.keys(Object(json))

/** What breaks a documented constraint. */
const refusals = (bench: Workbench) => ({
  'a request without X-User-Id': list(bench, { headers: { 'x-user-id': undefined } }),
  'a request with an old X-Date': list(bench, { datedBy: -60 * minute }),
})

export const commonChecks: readonly Check[] = [
  {
    id: 'COM-1',
    title: 'The API is below its base path and answers JSON',
    readOnly: true,
    run: async (bench) => {
      const answer = await list(bench)()
      accepted(answer, 'listing devices')
      const { 'content-type': type = '' } = answer.headers
      expect(/^application\/json\b/i.test(type), `an answer has the content type "${type}"`)
    },
  },
  {
    id: 'COM-1',
    title: 'Text beyond ASCII comes back as it was sent',
    run: async (bench) => {
      const deviceId = await bench.device()
      const localPath = '/фото/相册/é'
      outcomeOf(await add(bench, deviceId, [{ localPath, targetFolderPath: '/' }]))
      const [scope] = await stored(bench, deviceId)
      expect(scope?.localPath === localPath, `${localPath} was sent, but ${scope?.localPath} is listed`)
    },
  },
  {
    id: 'COM-7',
    title: 'The module codes 100, 101 and 102 are accepted, others are refused',
    readOnly: true,
    run: async ({ call }) => {
      const ask = (moduleCode: string) => () => call('listBackupRecord', { query: { moduleCode, pageSize: 1 } })
      await acceptEach({ 'module 100': ask('100'), 'module 101': ask('101'), 'module 102': ask('102') })
      await refuseEach({ 'module 099': ask('099'), 'module 103': ask('103'), 'an empty moduleCode': ask('') })
    },
  },
  {
    id: 'COM-7',
    title: 'A body with another module code is refused',
    run: async (bench) => {
      const deviceId = await bench.device()
      const moduleCode = '103'
      const configuration = { configName: 'a', currentConfigValue: 'a', newConfigValue: 'a' }
      await refuseEach({
        'a batch of scopes of module 103': () => add(bench, deviceId, paths(1), { moduleCode }),
        'a lock of module 103': () => bench.call('createBackupLock', { body: { moduleCode } }),
        'a configuration of module 103': () =>
          bench.call('updateConfigInfo', { params: { deviceId }, body: { moduleCode, ...configuration } }),
      })
    },
  },
  {
    id: 'COM-8',
    title: 'An answer is an envelope with its payload, code 0 and msg success',
    readOnly: true,
    run: async (bench) => {
      const answer = await list(bench)()
      expectForm(Envelope, answer.json)
      expect(keysOf(answer).includes('data'), 'the devices are not called data')
      const records = await bench.call('listBackupRecord', { query: { moduleCode: '102', pageSize: 1 } })
      expectForm(Envelope, records.json)
      expect(keysOf(records).includes('data'), 'the records are not called data')
    },
  },
  {
    id: 'COM-8',
    title: 'Lists of scopes stand at top level, beside code and msg',
    run: async (bench) => {
      const deviceId = await bench.device()
      const added = await add(bench, deviceId, paths(1))
      const query = { moduleCode: '102' }
      const listed = await bench.call('listBackupScope', { params: { deviceId }, query })
      for (const answer of [added, listed]) {
        expectForm(Envelope, answer.json)
        expect(keysOf(answer).includes('scopeList'), 'scopeList does not stand at top level')
      }
    },
  },
  {
    id: 'COM-8',
    // Seen in examples alone, and JSON has no order.
    standing: 'inferred',
    title: 'The payload comes first, then code, then msg',
    readOnly: true,
    run: async (bench) => {
      const keys = keysOf(await list(bench)())
      const known = keys.filter((key) => ['data', 'code', 'msg'].includes(key))
      expect(known.join() === 'data,code,msg', `the properties come as ${keys}`)
    },
  },
  {
    id: 'COM-9',
    title: 'Ids have 19 digits, times are ISO 8601 in UTC with milliseconds',
    run: async (bench) => {
      for (const { id, createTime } of await makings(bench)) {
        expectForm(Id, id)
        expectForm(Instant, createTime)
      }
    },
  },
  {
    id: 'COM-10',
    title: 'What was created when shows in its id',
    run: async (bench) => {
      for (const { id, createTime } of await makings(bench)) {
        const seen = new Date(millisOf(BigInt(expectForm(Id, id)))).toISOString()
        expect(seen === createTime, `${id} tells ${seen}, but was created at ${createTime}`)
      }
    },
  },
  {
    id: 'COM-11',
    title: 'An answer has HTTP 200, 400, 401 or 500',
    readOnly: true,
    run: async (bench) => {
      const view = () => bench.call('getBackupRecord', { params: { recordId: '1' } })
      for (const ask of [list(bench), view, ...Object.values(refusals(bench))]) {
        const { status } = await ask()
        expect(statuses.includes(status), `an answer has HTTP ${status}`)
      }
    },
  },
  {
    id: 'COM-12',
    title: 'A refusal has an integer code and a msg',
    readOnly: true,
    run: async (bench) => {
      for (const [what, ask] of Object.entries(refusals(bench))) {
        const answer = await ask()
        refused(answer, what)
        if ('error_code' in Object(answer.json)) throw new Unobservable('a gateway in front refuses by itself')
      }
    },
  },
  {
    id: 'COM-14',
    slow: true,
    title: 'A token that is used every five minutes lives longer than twenty',
    readOnly: true,
    run: async (bench) => {
      tokenOf(bench)
      for (let minutes = 5; minutes <= 25; minutes += 5) {
        await bench.pause(5 * minute)
        accepted(await list(bench)(), `a token after ${minutes} minutes`)
      }
    },
  },
  {
    id: 'COM-18',
    title: 'A body without Content-Type is JSON',
    run: async ({ call, word }) => {
      const answer = await call('bindDevice', { headers: { 'content-type': undefined }, body: { machineCode: word() } })
      accepted(answer, 'a body without Content-Type')
    },
  },
  {
    id: 'DEC-31',
    title: 'Later ids are higher',
    run: async (bench) => {
      const ids = (await makings(bench)).map(({ id }) => BigInt(expectForm(Id, id)))
      const rising = ids.toSorted((one, other) => Number(one - other))
      expect(rising.join() === ids.join(), `${ids.join(', ')} were issued one after another`)
    },
  },
]
