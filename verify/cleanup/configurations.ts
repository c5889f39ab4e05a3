import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import type { ConfigDebt } from '../debts.ts'
import type { Attempt } from './attempt.ts'

const Listed = Type.Object({ data: Type.Array(Type.Object({ configName: Type.String(), configValue: Type.String() })) })

/** Puts configurations back to the values they had, as the list then shows. */
export async function cleanUpConfigurations({ ask, ledger, due }: Attempt): Promise<void> {
  for (const debt of due('config', () => '').flat()) await restore(debt)

  async function restore(debt: ConfigDebt): Promise<void> {
    const { user, deviceId, moduleCode, configName, value } = debt
    const now = await listedValue(debt)
    if (now !== undefined && now !== value) {
      const body = { moduleCode, configName, currentConfigValue: now, newConfigValue: value }
      const { said } = await ask('updateConfigInfo', { user, params: { deviceId }, body })
      debt.state = { isThere: true, why: said }
    }
    if (now === value || (now !== undefined && (await listedValue(debt)) === value)) ledger.forget(debt)
  }

  async function listedValue(debt: ConfigDebt): Promise<string | undefined> {
    const { user, deviceId, moduleCode, configName } = debt
    const { answer, said } = await ask('listConfigInfos', { user, params: { deviceId }, query: { moduleCode } })
    if (Value.Check(Listed, answer?.json))
      return answer.json.data.find((configuration) => configuration.configName === configName)?.configValue
    debt.state ??= { isThere: false, why: `the list of configurations was answered ${said}` }
    return undefined
  }
}
