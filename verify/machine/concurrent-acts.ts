import type { ModuleCode } from '../../schemas/common.ts'
import type { StatementId } from '../../schemas/statements.ts'
import type { HistoryOperation } from '../linearizable.ts'
import type { ConfigInput, ConfigOutput, LockInput, LockOutput } from '../models.ts'
import type { ConfigName } from './config-steps.ts'
import { unknownLock } from './preconditions.ts'
import type { SequenceRun } from './sequence-run.ts'

/** What one of several clients may do next. */
export type Act = 'read' | 'set' | 'set wrongly' | 'create' | 'renew' | 'release'

/** What acts rest on, those more often in which clients are in each other's way. */
export const configActs: readonly (readonly [Act, StatementId])[] = [
  ['set', 'CFG-2'],
  ['set', 'CFG-2'],
  ['set wrongly', 'CFG-2'],
  ['read', 'CFG-3'],
]
export const lockActs: readonly (readonly [Act, StatementId])[] = [
  ['create', 'DEC-25'],
  ['create', 'DEC-25'],
  ['release', 'DEC-25'],
  ['renew', 'DEC-25'],
]

/** What several clients use at once, and all that they did with it. */
export interface Shared {
  readonly deviceId: string
  readonly config: ConfigName & { readonly initial: string }
  /** The value that any of them heard of last: most likely the one that is there, so that many may try to change it. */
  value: string
  readonly moduleCode: ModuleCode
  /** Grows with every question and every answer. */
  readonly tick: () => number
  readonly configHistory: HistoryOperation<ConfigInput, ConfigOutput>[]
  readonly lockHistory: HistoryOperation<LockInput, LockOutput>[]
}

/** One of the clients, and the lock that it had last. */
interface Client {
  readonly session: SequenceRun
  readonly shared: Shared
  readonly number: number
  lockId: string
}

/** Lets one client act, one thing after the other. */
export async function actAs(number: number, session: SequenceRun, acts: readonly Act[], shared: Shared): Promise<void> {
  const client: Client = { session, shared, number, lockId: unknownLock(shared.moduleCode) }
  for (const [index, act] of acts.entries()) {
    if (act === 'create') await create(client)
    else if (act === 'renew' || act === 'release') await use(client, act)
    else if (act === 'read') await read(client)
    else await set(client, act === 'set' ? shared.value : 'not_the_value', `client${number}_${index}`)
  }
}

/** Does something and remembers when it was asked for and answered. */
async function timed<Input, Output, Heard extends Output>(
  { number, shared: { tick } }: Client,
  history: HistoryOperation<Input, Output>[],
  input: Input,
  perform: () => Promise<Heard>,
): Promise<Heard> {
  const invoked = tick()
  const output = await perform()
  history.push({ client: number, invoked, returned: tick(), input, output })
  return output
}

async function read(client: Client): Promise<void> {
  const { session, shared } = client
  const { moduleCode, configName } = shared.config
  const call = { params: { deviceId: shared.deviceId }, query: { moduleCode, configName } }
  const perform = async () => (await session.legal('getConfigInfo', call)).data.configValue
  shared.value = await timed(client, shared.configHistory, { kind: 'read' }, perform)
}

async function set(client: Client, current: string, next: string): Promise<void> {
  const { session, shared } = client
  const { moduleCode, configName } = shared.config
  const body = { moduleCode, configName, currentConfigValue: current, newConfigValue: next }
  const call = { params: { deviceId: shared.deviceId }, body }
  const perform = async () => (await session.attempt('updateConfigInfo', call)) !== undefined
  if (await timed(client, shared.configHistory, { kind: 'set', current, next }, perform)) shared.value = next
}

async function create(client: Client): Promise<void> {
  const { session, shared } = client
  await timed(client, shared.lockHistory, { kind: 'create' }, async () => {
    const answer = await session.attempt('createBackupLock', { body: { moduleCode: shared.moduleCode } })
    if (!answer) return false
    client.lockId = answer.data.lockId
    session.capture('LOCK', client.lockId, '.data.lockId')
    return { lockId: client.lockId }
  })
}

async function use(client: Client, kind: 'renew' | 'release'): Promise<void> {
  const { session, shared, lockId } = client
  const operation = kind === 'renew' ? 'renewalBackupLock' : 'releaseBackupLock'
  const perform = async () => (await session.attempt(operation, { lockId })) !== undefined
  await timed(client, shared.lockHistory, { kind, lockId }, perform)
}
