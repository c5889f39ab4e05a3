import { traceOf } from '../cli/visible.ts'
import type { Check } from './check.ts'
import type { Evidence } from './evidence.ts'
import { Departure, Interrupted, TargetLost, Unobservable } from './failures.ts'
import type { MachineReport } from './machine/report.ts'
import type { CheckResult, Ending, Reasons } from './report.ts'
import type { Session } from './session.ts'

/** Which checks there are, and which of them to make now. */
export interface Choice {
  readonly checks: readonly Check[]
  /** What no check can show, and why. */
  readonly unobservable?: Reasons
  /** Only what changes nothing. */
  readonly readOnly?: boolean
  /** Also what needs minutes. */
  readonly slow?: boolean
}

/** What a run has found so far. */
export interface Findings {
  readonly outcomes: readonly CheckResult[]
  readonly stateMachine: readonly MachineReport[]
  readonly ended: Ending
  /** Failures of the kit itself, with their stacks. */
  readonly defects: readonly string[]
}

/** Makes the checks one after another, and cleans up behind each. */
export async function makeChecks(session: Session, choice: Choice): Promise<Findings> {
  const attempts: Attempt[] = []
  let ended: Ending = 'complete'
  for (const check of choice.checks) {
    const why = ended === 'complete' ? reasonToSkip(check, choice) : `the run was ${wording[ended]} before`
    const attempt = why === undefined ? await makeTwiceIfFailed(session, check) : skipped(check, why)
    attempts.push(attempt)
    if (session.isInterrupted()) ended = 'interrupted'
    else if (attempt.isLost) ended = 'unreachable'
  }
  return {
    outcomes: attempts.map(({ outcome }) => outcome),
    stateMachine: [],
    ended,
    defects: attempts.flatMap(({ defect }) => defect ?? []),
  }
}

const wording = { interrupted: 'interrupted', unreachable: 'cut off' } as const

function reasonToSkip(check: Check, { readOnly, slow }: Choice): string | undefined {
  if (readOnly && !check.readOnly) return '--read-only: it would change something'
  if (check.slow && !slow) return 'it needs minutes: give --slow'
  return undefined
}

/** One check, made or not. */
interface Attempt {
  readonly outcome: CheckResult
  readonly defect?: string
  readonly isLost?: true
  /** What came was the failure of a server or a gateway. */
  readonly isFailure?: true
}

const skipped = (check: Check, reason: string): Attempt => ({
  outcome: { check, found: 'unobservable', reason, evidence: [] },
})

/** A connection may break by chance, a server fail. Where it does so twice, and answers others, that is its answer. */
async function makeTwiceIfFailed(session: Session, check: Check): Promise<Attempt> {
  const first = await make(session, check)
  if (first.isFailure && !session.isInterrupted()) return make(session, check)
  if (!first.isLost || !(await isThere(session))) return first
  const second = await make(session, check)
  if (!second.isLost || !(await isThere(session))) return second
  return { outcome: { ...second.outcome, found: 'departs' } }
}

/** Whether the target still answers, whatever it says. */
export const isThere = ({ workbench: { target } }: Pick<Session, 'workbench'>): Promise<boolean> =>
  target.call('listBoundDevice').then(
    () => true,
    (error: unknown) => !(error instanceof TargetLost),
  )

async function make(session: Session, check: Check): Promise<Attempt> {
  session.beginEvidence()
  const thrown = await thrownBy(() => check.run(session.workbench))
  const evidence = session.evidence(thrown?.error)
  await session.cleanUp()
  if (!thrown) return { outcome: { check, found: 'holds', evidence } }
  const { found = 'unobservable', reason, ...rest } = judged(thrown.error, check, session.isInterrupted())
  const isFailure = found === 'departs' && endsInFailure(evidence)
  return { outcome: { check, found, reason, evidence }, ...rest, ...(isFailure && { isFailure }) }
}

function endsInFailure(evidence: readonly Evidence[]): boolean {
  const { response } = evidence.at(-1) ?? {}
  return response !== undefined && 'status' in response && response.status >= 500
}

async function thrownBy(work: () => Promise<void>): Promise<{ readonly error: unknown } | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return { error }
  }
}

interface Judgement extends Pick<Attempt, 'defect' | 'isLost'> {
  readonly found?: 'departs'
  readonly reason: string
}

/** What a check means by what it threw. */
function judged(error: unknown, { id, title }: Check, isInterrupted: boolean): Judgement {
  if (error instanceof Departure) return { found: 'departs', reason: error.message }
  if (error instanceof Unobservable) return { reason: error.message }
  if (error instanceof Interrupted || isInterrupted) return { reason: 'the run was interrupted' }
  if (error instanceof TargetLost) return { reason: `no answer came: ${error.message}`, isLost: true }
  return { reason: 'the kit itself failed', defect: `${id}, ${title}: ${traceOf(error)}` }
}
