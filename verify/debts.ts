/** What is owed of each thing that was made, or was asked for without an answer. */
interface Owed {
  readonly user: string
  /** As an answer gave it; absent where none came. */
  id?: string
  /** The target said that it took it away. Whether it did, a read shows. */
  isUndone: boolean
  /** What is known after an attempt to take it away. */
  state?: { readonly isThere: boolean; readonly why: string }
}

export interface DeviceDebt extends Owed {
  readonly kind: 'device'
  /** Of this run alone. */
  readonly machineCode: string | undefined
  /** The target refused to bind it, and may have bound it all the same. */
  isRefused?: true
}

export interface LockDebt extends Owed {
  readonly kind: 'lock'
  readonly moduleCode: string
}

export interface RecordDebt extends Owed {
  readonly kind: 'record'
  readonly moduleCode: string
  readonly deviceId: string
}

/** A configuration of a device of this run's that is put back to its value. */
export interface ConfigDebt extends Owed {
  readonly kind: 'config'
  readonly deviceId: string
  readonly moduleCode: string
  readonly configName: string
  readonly value: string
}

export type Debt = DeviceDebt | LockDebt | RecordDebt | ConfigDebt

const stay = { device: 'bound', lock: 'held', record: 'there', config: 'changed' } as const

const expiry = '; a lock ends by itself ten minutes after it was given or renewed'

function nameOf(debt: Debt): string {
  if (debt.kind === 'config') return `${debt.configName} of deviceId ${debt.deviceId}`
  if (debt.id !== undefined) return `${debt.kind}Id ${debt.id}`
  if (debt.kind === 'device') return `a device of machineCode ${debt.machineCode}`
  return debt.kind === 'lock' ? `a lock of module ${debt.moduleCode}` : `a record of deviceId ${debt.deviceId}`
}

/** What is owed, as a sentence without its end. */
export function sentenceOf(debt: Debt): string {
  const { kind, id, state = { isThere: id !== undefined, why: '' } } = debt
  const claim = `${nameOf(debt)} ${state.isThere ? 'is still' : 'may be'} ${stay[kind]}`
  const why = state.why === '' ? '' : `: ${state.why}`
  return `${claim}${why}${kind === 'lock' ? expiry : ''}`
}
