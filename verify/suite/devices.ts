import { Type } from '@sinclair/typebox'
import { shownValue } from '../../cli/visible.ts'
import { BoundDeviceEntity } from '../../schemas/device.ts'
import type { Check } from '../check.ts'
import { accepted, areSame, expect, expectForm, isDone, refusedAs, succeeded } from '../expect.ts'
import type { Answer } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import { acceptEach, padded, refuseEach } from './asking.ts'
import { withRecord } from './backup.ts'

/** Of devices that are none of the kit's, only what is there is judged. */
const Listed = Type.Object({ data: Type.Array(Type.Partial(BoundDeviceEntity)) })

/** Binds a device, of which something is to be judged. */
const binding =
  ({ call, word }: Workbench, more: object) =>
  (): Promise<Answer> =>
    call('bindDevice', { body: { machineCode: word(), ...more } })

const listedIds = async ({ call }: Workbench): Promise<(string | undefined)[]> => {
  const answer = await call('listBoundDevice')
  accepted(answer, 'listing devices')
  return expectForm(Listed, answer.json).data.map(({ deviceId }) => deviceId)
}

export const deviceChecks: readonly Check[] = [
  {
    id: 'DEV-1',
    title: 'A machine code of up to 64 letters, digits and underscores is accepted, any other is refused',
    run: async (bench) => {
      const word = bench.word()
      const withCode = (machineCode: unknown) => binding(bench, { machineCode })
      await acceptEach({ 'a machine code of 64 characters': withCode(padded(word, 64)) })
      await refuseEach({
        'a machine code of 65 characters': withCode(padded(word, 65)),
        'a machine code with a dash': withCode(`${word}-1`),
        'an empty machine code': withCode(''),
        'binding without a machine code': withCode(undefined),
      })
    },
  },
  {
    id: 'DEV-1',
    title: 'deviceName and deviceOS are optional, take their characters up to 32, and no others',
    run: async (bench) => {
      await acceptEach({
        'a machine code alone': binding(bench, {}),
        'a name of 32 characters': binding(bench, { deviceName: padded('a-b c', 32) }),
        'a system of 32 characters': binding(bench, { deviceOS: padded('a b', 32) }),
      })
      await refuseEach({
        'a name of 33 characters': binding(bench, { deviceName: padded('a', 33) }),
        'an empty name': binding(bench, { deviceName: '' }),
        'a name with a full stop': binding(bench, { deviceName: 'a.b' }),
        'a system of 33 characters': binding(bench, { deviceOS: padded('a', 33) }),
        'an empty system': binding(bench, { deviceOS: '' }),
        'a system with a dash': binding(bench, { deviceOS: 'a-b' }),
      })
    },
  },
  {
    id: 'DEV-2',
    title: 'Binding answers the device as it was described, with an id and a time',
    run: async (bench) => {
      const sent = { machineCode: bench.word(), deviceName: 'a-b c', deviceOS: 'verify' }
      const { machineCode, deviceName, deviceOS } = succeeded('bindDevice', await binding(bench, sent)()).data
      const isSame = [machineCode, deviceName, deviceOS].join() === Object.values(sent).join()
      expect(isSame, `${JSON.stringify(sent)} was sent, but [${machineCode}, ${deviceName}, ${deviceOS}] was bound`)
    },
  },
  {
    id: 'DEV-3',
    title: 'Listing answers devices in an array',
    readOnly: true,
    run: async (bench) => void (await listedIds(bench)),
  },
  {
    id: 'DEV-3',
    title: 'A device is listed once it was bound, as binding answered it',
    run: async ({ call, word }) => {
      const body = { machineCode: word(), deviceName: 'verify', deviceOS: 'verify' }
      const bound = succeeded('bindDevice', await call('bindDevice', { body })).data
      const { data } = expectForm(Listed, (await call('listBoundDevice')).json)
      const listed = data.find(({ deviceId }) => deviceId === bound.deviceId)
      expect(listed !== undefined, `${bound.deviceId} was bound and is not listed`)
      const isSame = areSame(BoundDeviceEntity, bound, listed)
      expect(isSame, `${JSON.stringify(bound)} was bound, but ${shownValue(listed)} is listed`)
    },
  },
  {
    id: 'DEV-3',
    standing: 'inferred',
    title: 'Of two devices, the one bound first is listed first',
    run: async (bench) => {
      const [first, second] = [await bench.device(), await bench.device()]
      const ids = await listedIds(bench)
      const isInOrder = ids.includes(first) && ids.indexOf(first) < ids.indexOf(second)
      expect(isInOrder, `${first} was bound before ${second}, and is not listed before it`)
    },
  },
  {
    id: 'DEV-4',
    title: 'Unbinding answers the device that it removes, which is not listed any more',
    run: async (bench) => {
      const deviceId = await bench.device()
      const answer = await bench.call('unbindDevice', { params: { deviceId } })
      const { data } = succeeded('unbindDevice', answer)
      expect(data.deviceId === deviceId, `${deviceId} was unbound, but ${data.deviceId} was answered`)
      expect(!(await listedIds(bench)).includes(deviceId), `${deviceId} was unbound and is still listed`)
    },
  },
]

export const deviceDecisionChecks: readonly Check[] = [
  {
    id: 'DEC-16',
    title: 'A device that was never bound reads as one without data, or does not exist',
    readOnly: true,
    run: async ({ call, word }) => {
      const params = { deviceId: word() }
      const answer = await call('listBackupScope', { params, query: { moduleCode: '102' } })
      if (!isDone(answer)) return refusedAs('notFound', answer, 'listing scopes of a device never bound')
      const { scopeList } = succeeded('listBackupScope', answer)
      expect(scopeList.length === 0, 'a device that was never bound has scopes')
    },
  },
  {
    id: 'DEC-16',
    title: 'A device does not exist any more once it was unbound',
    run: async ({ call, device }) => {
      const params = { deviceId: await device() }
      accepted(await call('unbindDevice', { params }), 'unbinding')
      const query = { moduleCode: '102' }
      const body = { ...query, scopeList: [{ localPath: '/verify' }] }
      refusedAs('notFound', await call('unbindDevice', { params }), 'unbinding again')
      refusedAs('notFound', await call('listBackupScope', { params, query }), 'listing scopes of an unbound device')
      refusedAs('notFound', await call('batchAddBackupScope', { params, body }), 'adding scopes to an unbound device')
    },
  },
  {
    id: 'DEC-17',
    title: 'Binding a machine code again gives the same device, and another one after unbinding',
    run: async ({ call, word }) => {
      const machineCode = word()
      const bind = async (more: object) =>
        succeeded('bindDevice', await call('bindDevice', { body: { machineCode, ...more } })).data
      const first = await bind({ deviceName: 'one', deviceOS: 'verify' })
      const again = await bind({ deviceName: 'two' })
      const expected = { ...first, deviceName: 'two' }
      const isSame = areSame(BoundDeviceEntity, expected, again)
      expect(isSame, `binding again was to answer ${JSON.stringify(expected)}, not ${shownValue(again)}`)
      accepted(await call('unbindDevice', { params: { deviceId: first.deviceId } }), 'unbinding')
      const anew = await bind({})
      expect(anew.deviceId !== first.deviceId, 'binding after unbinding gave the device that was unbound')
    },
  },
  {
    id: 'DEC-18',
    title: 'Records of a device stay when it is unbound, and so do locks',
    run: (bench) =>
      withRecord(bench, async ({ lockId, deviceId, recordId }) => {
        accepted(await bench.call('unbindDevice', { params: { deviceId } }), 'unbinding')
        const { data } = succeeded('getBackupRecord', await bench.call('getBackupRecord', { params: { recordId } }))
        expect(data.deviceInfo.deviceId === deviceId, 'the record is of another device now')
        accepted(await bench.call('renewalBackupLock', { lockId }), 'renewing a lock after a device was unbound')
      }),
  },
]
