import { Value } from '@sinclair/typebox/value'
import { UsageError } from '../cli/usage-error.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { largestJson, wholeFile } from '../src/process/whole-file.ts'
import type { TriedOut } from './course.ts'
import { Accepted } from './report-forms.ts'
import type { JudgedRun } from './trial.ts'
import type { VerdictName } from './verdict.ts'
import { isFailing, verdicts } from './verdict.ts'

/** @throws UsageError where the file cannot be read, or is no such list */
export function readAccepted(path: string): Accepted {
  let document: unknown
  try {
    document = JSON.parse(wholeFile(path, largestJson).toString())
  } catch (error) {
    throw new UsageError(`--accept ${path} cannot be read: ${messageOf(error)}`)
  }
  if (!Value.Check(Accepted, document))
    throw new UsageError(`--accept ${path} is no list of {"id", "verdict", "because"}; --write-accepted makes one`)
  const unknown = document.find(({ verdict }) => !isVerdict(verdict))
  if (unknown)
    throw new UsageError(`--accept ${path} has the verdict "${unknown.verdict}"; expected one of ${failing.join(', ')}`)
  return document
}

const failing = (Object.keys(verdicts) as VerdictName[]).filter(isFailing) // the keys of a constant object

const isVerdict = (text: string): boolean => failing.some((name) => name === text)

export const isAccepted = ({ adversity: { id }, verdict }: TriedOut, accepted: Accepted): boolean =>
  accepted.some((entry) => entry.id === id && entry.verdict === verdict)

/** Those that did not happen this time, although they were tried. */
export const goneOf = (trials: readonly JudgedRun[], accepted: Accepted): Accepted =>
  accepted.filter(({ id, verdict }) => trials.some((trial) => trial.adversity.id === id && trial.verdict !== verdict))

/** What went wrong, as a list to be accepted; reasons that were given before stay, and so does what was not tried this time. */
export function toAccept(trials: readonly JudgedRun[], before: Accepted): Accepted {
  const tried = new Set(trials.map(({ adversity }) => adversity.id))
  const failed = trials
    .filter(({ verdict }) => isFailing(verdict))
    .map(({ adversity: { id }, verdict }) => ({
      id,
      verdict,
      because: before.find((entry) => entry.id === id && entry.verdict === verdict)?.because ?? '',
    }))
  return [...before.filter(({ id }) => !tried.has(id)), ...failed]
}
