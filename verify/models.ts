import type { SequentialSpecification } from './linearizable.ts'

/** What is asked of a configuration: its value, or to change it (CFG-2). */
export type ConfigInput =
  | { readonly kind: 'read' }
  | { readonly kind: 'set'; readonly current: string; readonly next: string }

/** The value that was read; or whether it was changed. */
export type ConfigOutput = string | boolean

/** A configuration of one device: a register with compare-and-set, by its value. */
export const configModel = (initial: string): SequentialSpecification<string, ConfigInput, ConfigOutput> => ({
  initial,
  step(value, input, output) {
    if (input.kind === 'read') return output === undefined || output === value ? value : undefined
    const isMatch = value === input.current
    if (output !== undefined && output !== isMatch) return undefined
    return isMatch ? input.next : value
  },
  key: (value) => value,
  isQuery: ({ kind }, output) => kind === 'read' || output === false,
})

/** What is asked of a module's lock; `lockId` is the one that creating it answered (LOC-1 to LOC-3). */
export type LockInput = { readonly kind: 'create' } | { readonly kind: 'renew' | 'release'; readonly lockId: string }

/** The id that was given, or whether it was done: a lock that is held is not given (DEC-25). */
export type LockOutput = { readonly lockId: string } | boolean

const free = ''

/** Given to a client that never got its id. */
const nobody = '?'

/** The lock of one module within its ten minutes, by the id of who holds it. */
export const lockModel: SequentialSpecification<string, LockInput, LockOutput> = {
  initial: free,
  step: (holder, input, output) => (input.kind === 'create' ? created(holder, output) : used(holder, input, output)),
  key: (holder) => holder,
  isQuery: ({ kind }, output) => kind === 'renew' || output === false,
}

function created(holder: string, output: LockOutput | undefined): string | undefined {
  if (output === undefined) return holder || nobody
  if (typeof output === 'boolean') return holder === free ? undefined : holder
  return holder === free ? output.lockId : undefined
}

function used(holder: string, input: Exclude<LockInput, { kind: 'create' }>, output: LockOutput | undefined) {
  const isHolder = holder === input.lockId
  if (output !== undefined && output !== isHolder) return undefined
  return isHolder && input.kind === 'release' ? free : holder
}
