import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { DeviceDebt } from '../debts.ts'
import { isDone } from '../expect.ts'
import type { Reply } from '../patience.ts'
import type { Attempt } from './attempt.ts'

const Listed = Type.Object({
  data: Type.Array(Type.Object({ deviceId: Type.String(), machineCode: Type.Optional(Type.Unknown()) })),
})

/** The bound devices with their machine codes; `undefined` where an answer does not show them. */
function devicesIn({ answer }: Reply): ReadonlyMap<string, unknown> | undefined {
  if (!answer || !isDone(answer) || !Value.Check(Listed, answer.json)) return undefined
  return new Map(answer.json.data.map(({ deviceId, machineCode }) => [deviceId, machineCode]))
}

/** Unbinds devices, those too of which only the machine code is known. Gone is what the list has no more. */
export async function cleanUpDevices({ ask, ledger, isLast, due }: Attempt): Promise<void> {
  for (const debts of due('device', () => '')) await unbindAll(debts)

  async function unbindAll(debts: readonly DeviceDebt[]): Promise<void> {
    const [{ user } = { user: '' }] = debts
    const said = new Map<string, string>()
    const unbind = async (deviceId: string) => {
      if (!said.has(deviceId)) said.set(deviceId, (await ask('unbindDevice', { user, params: { deviceId } })).said)
    }
    for (const { id, isUndone } of debts) if (id !== undefined && !isUndone) await unbind(id)
    let list = await ask('listBoundDevice', { user })
    const found = [...(devicesIn(list) ?? [])].filter(([id, code]) => !said.has(id) && debts.some(isOf(id, code)))
    for (const [id] of found) await unbind(id)
    if (found.length > 0) list = await ask('listBoundDevice', { user })
    const unknown = found.filter(([id]) => !debts.some((debt) => debt.id === id))
    const more = unknown.map(([id]) =>
      ledger.owe<DeviceDebt>({ kind: 'device', user, machineCode: undefined, id, isUndone: false }),
    )
    for (const debt of [...debts, ...more]) judge(debt, list, said)
  }

  function judge(debt: DeviceDebt, list: Reply, said: ReadonlyMap<string, string>): void {
    const bound = devicesIn(list)
    const { id } = debt
    if (!bound) debt.state = { isThere: false, why: `the list of devices was answered ${list.said}` }
    /* c8 ignore next -- whatever stays was asked to go */ else if (id !== undefined && bound.has(id))
      debt.state = { isThere: true, why: said.get(id) ?? '' }
    // What was asked for without an answer may still be on its way.
    else if (id !== undefined || isLast || debt.isRefused) forget(debt)
  }

  /** DEC-18: what was changed of a device goes with it. */
  function forget(debt: DeviceDebt): void {
    ledger.forget(debt)
    for (const one of ledger.debts('config')) if (one.deviceId === debt.id) ledger.forget(one)
  }
}

const isOf =
  (deviceId: string, machineCode: unknown) =>
  (debt: DeviceDebt): boolean =>
    debt.id === deviceId || (debt.machineCode !== undefined && debt.machineCode === machineCode)
