import type { Driven } from '../../test/fixtures/client.ts'
import { jsonOf } from '../../test/fixtures/client.ts'
import { noon } from '../../test/fixtures/emulator.ts'
import type { Dice } from '../dice.ts'
import { canaries } from '../watch.ts'

/** Worlds of every kind; what else is named appears with the first accepted request. */
export const stagedWorlds = ['default', 'any', 'known', 'frozen', 'unkind'] as const

export const users = ['user-1', 'user-2'] as const

export const app = { appId: canaries.appId, appSecret: canaries.appSecret }

/** What exists in a world, or did, and what its answers showed. */
export interface Props {
  readonly devices: string[]
  readonly locks: string[]
  readonly records: string[]
  readonly scopes: string[]
  readonly uploads: string[]
  readonly cursors: string[]
  readonly values: string[]
}

export const tokens = [
  { token: canaries.token, userId: users[0] },
  { token: 'token-of-the-second', userId: users[1] },
  { token: 'short-lived', userId: users[0], lifetime: 'PT40S' },
]

const settings: Readonly<Record<string, object>> = {
  default: {},
  any: { devices: 'strict', scopesPerModule: 3 },
  known: { auth: 'known' },
  frozen: { auth: 'known', errorStatus: 'ok' },
  unkind: { unkind: { seed: 7 } },
}

/** Puts every world back to its beginning, and into each a little of everything. */
export async function setStage(emulator: Driven, dice: Dice): Promise<Map<string, Props>> {
  for (const { name } of emulator.worlds.list())
    if (name !== 'default') await emulator.steer('DELETE', '', undefined, name)
  const stage = new Map<string, Props>()
  for (const name of stagedWorlds) {
    await must(emulator.steer('PUT', '', { ...settings[name], seed: { tokens, apps: [app] } }, name))
    if (name === 'frozen') await must(emulator.steer('PATCH', '/clock', frozen(noon), name))
    stage.set(name, await furnish(emulator, name, dice))
  }
  return stage
}

/** What lets both clocks of a world stand at an instant. */
export const frozen = (millis: number) => ({ frozen: true, signing: 'state', now: new Date(millis).toISOString() })

async function must(answer: ReturnType<Driven['steer']>): Promise<void> {
  const { status, text } = await answer
  if (Number(status) >= 300) throw new Error(`the stage is not set: ${status} ${text}`)
}

async function furnish(emulator: Driven, world: string, dice: Dice): Promise<Props> {
  const props: Props = {
    devices: ['1842812272691451648', 'adopted'],
    locks: ['00000000-0000-4000-8000-000000000000@100'],
    records: ['1'],
    scopes: ['1'],
    uploads: ['/_upload/00000000-0000-4000-8000-000000000000/1'],
    cursors: ['x'],
    values: ['101test2value'],
  }
  const standing = world === 'frozen' ? { 'x-date': '20251217T120000Z' } : {}
  const of = (index: number, lock?: string) => ({
    authorization: `Bearer ${tokens[index]?.token}`,
    'x-user-id': String(users[index]),
    ...standing,
    ...(lock === undefined ? {} : { 'x-backup-lock-id': lock }),
  })
  const ask = async (path: string, body: object, headers: Record<string, string>) =>
    jsonOf(await emulator.send({ path, body, headers, world }))
  for (const index of [0, 1]) {
    const { deviceId } = (await ask('/device', { machineCode: `M${index}` }, of(index))).data
    props.devices.push(deviceId)
    const added = await ask(
      `/device/${deviceId}/scope`,
      { moduleCode: '102', scopeList: [{ localPath: '/a' }, { localPath: '/b' }] },
      of(index),
    )
    learn(props, added)
    for (const moduleCode of ['100', '102']) {
      const { lockId } = (await ask('/lock', { moduleCode }, of(index))).data
      props.locks.push(lockId)
      const { recordId } = (await ask('/record', { moduleCode, deviceId }, of(index, lockId))).data
      props.records.push(recordId)
      for (const fileName of ['a', 'b'])
        learn(props, await ask(`/record/${recordId}/file`, { fileName }, of(index, lockId)))
      if (dice.chance(0.5)) await ask('/record', { moduleCode, deviceId }, of(index, lockId))
    }
  }
  return props
}

/** Takes from an answer what later requests may name. */
// biome-ignore lint/suspicious/noExplicitAny: answers of every form
export function learn(props: Props, answer: any): void {
  const { data, successScopeList, multiParts, nextCursor } = Object(answer)
  const one = Array.isArray(data) ? data[0] : data
  const found = {
    devices: one?.deviceId,
    locks: one?.lockId,
    records: one?.recordId,
    values: one?.configValue,
    scopes: successScopeList?.[0]?.scopeId,
    uploads: multiParts?.[0] && new URL(multiParts[0].uploadUrl).pathname.replace(/^\/worlds\/[^/]+/, ''),
    cursors: nextCursor,
  }
  for (const [name, value] of Object.entries(found)) {
    const known = props[name as keyof Props] // the names are those of Props
    if (typeof value === 'string') known.push(value)
    if (known.length > 12) known.splice(1, 1)
  }
}
