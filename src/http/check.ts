import type { CheckName, ContractPart } from '../../schemas/checks.ts'
import type { CheckView } from '../../schemas/explain.ts'
import type { OperationId } from '../../schemas/index.ts'
import { contracts, uploadPart } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { ErrorKey, Refusal } from '../errors.ts'

/** How far a request has come: the check that was entered last. */
export interface CheckCourse {
  check: CheckName | null
  part: ContractPart | null
}

/** Which check refuses with what, before an operation's own begin. */
const early: Partial<Record<ErrorKey, CheckName>> = {
  unknownRoute: 'route',
  mediaType: 'media type',
  tooLarge: 'body size',
  malformed: 'syntax',
  invalid: 'world',
}

/** How far something came, and what refused it. */
interface Judged {
  readonly isAccepted: boolean
  readonly check: CheckName | null
  readonly refusal: Refusal | null
}

/** The check that refused an exchange; `null` where none did. */
export const refusingCheck = ({ check, refusal, isAccepted }: Judged): CheckName | null =>
  isAccepted ? null : (check ?? (refusal && early[refusal.key]) ?? null)

/** How an exchange went. */
interface Went {
  /** `uploadPart` for the part of an upload; `null` where no route matched. */
  readonly operation: string | null
  /** The check that refused it, and the part of the contract where that is the one. */
  readonly check: string | null
  readonly part: ContractPart | null
  /** The key of the catalogue. */
  readonly refusal: string | null
  /** Whether all checks were passed. */
  readonly worked: boolean
  /** Whether a fault answered, which it does before an operation's own checks. */
  readonly isInjected: boolean
}

/** What the head and the syntax of a request decide, before anything of an operation's own. */
const general = ['route', 'media type', 'body size', 'syntax'] as const

/** `lock` is whether the header has the form of a lock; whether that lock is held, the rule finds out first of all. */
const lockHeld = 'lock held'

/** All checks that an exchange had before it, in their order, with how each went; of one that broke off nothing is known. */
export function checksOf({ operation, check, part, refusal, worked, isInjected }: Went): CheckView[] {
  const refusing = shownAs(check, part, refusal)
  const names = namesOf(operation, refusing, refusal === 'tooManyWorlds' ? 'X-Date' : 'syntax')
  const failed = refusing === null ? -1 : names.indexOf(refusing)
  const before = names.filter((name) => general.some((one) => one === name)).length
  const passed = worked ? names.length : isInjected ? before : Math.max(failed, 0)
  return names.map((name, index) => ({ check: name, passed: index < passed ? true : index === failed ? false : null }))
}

/** A check as it is shown: the contract by its parts, and of the rule apart whether the lock is held. */
function shownAs(check: string | null, part: ContractPart | null, refusal: string | null): string | null {
  if (check === 'contract' && part !== null) return part
  return check === 'rule' && refusal === 'lockNotHeld' ? lockHeld : check
}

/** The check of a world's name is among them where it refuses; that there is room for one more, once it is sure who asks. */
function namesOf(operation: string | null, refusing: string | null, before: string): string[] {
  const names = operation === null ? [] : orderOf(operation)
  if (refusing === null || names.includes(refusing)) return names
  return names.toSpliced(names.indexOf(before) + 1, 0, refusing)
}

function orderOf(operation: string): string[] {
  if (operation === uploadPart) return ['route', 'part']
  const { lock, headers, params, query, body }: Operation = contracts[operation as OperationId] // the only others that there are
  const parts = Object.entries({ header: headers, path: params, query, body })
  return [
    ...general,
    'Authorization',
    'X-User-Id',
    'X-Date',
    ...(lock ? ['lock'] : []),
    ...parts.filter(([, schema]) => schema).map(([name]) => name),
    ...(lock ? [lockHeld] : []), // DEC-26: before all else that a rule looks at
    'rule',
  ]
}
