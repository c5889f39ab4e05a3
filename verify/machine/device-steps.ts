import fc from 'fast-check'
import type { OperationId } from '../../schemas/index.ts'
import type { Call } from '../target.ts'
import type { Model, ModelDevice } from './model.ts'
import { bind, deviceIn } from './preconditions.ts'
import { often, perhaps, slot, steps } from './step.ts'

const told = fc
  .tuple(perhaps('deviceName', fc.constantFrom('Magic-v5', 'Magic v3')), perhaps('deviceOS', fc.constant('android')))
  .map(([name, system]) => ({ ...name, ...system }))

/** DEV-1. */
const wrong = fc.constantFrom(
  { machineCode: '' },
  { machineCode: 'with space' },
  { machineCode: 'x'.repeat(65) },
  { machineCode: 'x', deviceName: 'x'.repeat(33) },
  { machineCode: 'x', deviceOS: 'semi;colon' },
  {},
)

const usesOfDevice: readonly ((device: string) => readonly [OperationId, Call])[] = [
  (deviceId) => ['unbindDevice', { params: { deviceId } }],
  (deviceId) => ['listBackupScope', { params: { deviceId }, query: { moduleCode: '102' } }],
  (deviceId) => [
    'batchAddBackupScope',
    { params: { deviceId }, body: { moduleCode: '102', scopeList: [{ localPath: '/a' }] } },
  ],
  (deviceId) => ['batchDeleteBackupScope', { params: { deviceId }, body: { scopeIdList: ['1'] } }],
  (deviceId) => ['listConfigInfos', { params: { deviceId }, query: { moduleCode: '102' } }],
  (deviceId) => ['listBackupRecord', { query: { moduleCode: '102', pageSize: 5, deviceId } }],
]

/** What is done with devices. */
export const deviceSteps = [
  steps(fc.record({ slot, told }), async (session, { slot, told }) => {
    await bind(session, slot, told)
  }),

  steps(wrong, (session, body) => session.refused('DEV-1', 'bindDevice', { body })),

  steps(fc.constant(undefined), async (session) => {
    const { data } = await session.legal('listBoundDevice', {})
    for (const { id, isBound } of session.model.devices) {
      const count = data.filter(({ deviceId }) => deviceId === id).length
      if (isBound) session.agree('DEV-3', count === 1, `device ${id} is bound, and listed ${count} times`)
      else session.agree('DEV-4', count === 0, `device ${id} was unbound, and is listed`)
    }
  }),

  steps(slot, async (session, slot) => {
    const device = await deviceIn(session, slot)
    const { data } = await session.legal('unbindDevice', { params: { deviceId: device.id } })
    session.agree('DEV-4', data.deviceId === device.id, 'another device was answered than the one that was unbound')
    device.isBound = false
  }),

  ...often(
    steps(
      fc.constantFrom(...usesOfDevice),
      async (session, use) => {
        for (const { id } of lastUnbound(session.model)) await session.refused('DEC-16', ...use(id))
      },
      (model) => lastUnbound(model).length > 0,
    ),
  ),
]

const lastUnbound = ({ devices }: Model): readonly ModelDevice[] => devices.filter(({ isBound }) => !isBound).slice(-1)
