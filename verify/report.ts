import type { Standing } from '../schemas/statement.ts'
import type { StatementId } from '../schemas/statements.ts'
import { statements } from '../schemas/statements.ts'
import type { Check } from './check.ts'
import type { Evidence } from './evidence.ts'
import type { MachineReport } from './machine/report.ts'

/** Of a documented fact: `passed` or `failed`. Of what is less certain: `agrees` or `differs`. */
export type Result = 'passed' | 'failed' | 'agrees' | 'differs' | 'not observable'

/** What one check found. */
export interface CheckResult {
  readonly check: Pick<Check, 'id' | 'standing' | 'title'>
  readonly found: 'holds' | 'departs' | 'unobservable'
  /** What was expected and what came, or why it cannot be seen. */
  readonly reason?: string | undefined
  readonly evidence: readonly Evidence[]
}

export interface CheckReport {
  readonly title: string
  readonly result: Result
  readonly reason?: string
}

/** What is known of one statement after a run. */
export interface FactReport {
  readonly id: StatementId
  readonly standing: Standing
  readonly result: Result
  readonly sentence: string
  /** What departed, or why nothing can be seen. */
  readonly reason?: string
  readonly checks: readonly CheckReport[]
  /** Each with the title of the check that it belongs to. */
  readonly evidence: readonly (Evidence & { readonly check: string })[]
}

/** How far a run came. */
export type Ending = 'complete' | 'interrupted' | 'unreachable'

export interface RunSummary {
  readonly conforms: boolean
  readonly passed: number
  readonly failed: number
  readonly agrees: number
  readonly differs: number
  readonly notObservable: number
}

/** A whole run, as `--json` writes it. */
export interface Report {
  readonly target: string
  readonly userId: string
  readonly version: string
  readonly startedAt: string
  readonly durationMillis: number
  readonly ended: Ending
  /** With which the state machine drew its sequences. */
  readonly seed: number
  readonly summary: RunSummary
  readonly facts: readonly FactReport[]
  /** What random sequences showed: of one client alone, then of several at once. */
  readonly stateMachine: readonly MachineReport[]
  /** What was made at the target and could not be taken away. */
  readonly leftBehind: readonly string[]
  /** Failures of the kit itself. */
  readonly defects: readonly string[]
}

const words = {
  documented: { holds: 'passed', departs: 'failed', unobservable: 'not observable' },
  inferred: { holds: 'agrees', departs: 'differs', unobservable: 'not observable' },
  assumed: { holds: 'agrees', departs: 'differs', unobservable: 'not observable' },
} as const

const ids = Object.keys(statements) as StatementId[] // keys of a constant object are its names

export type Reasons = Partial<Record<StatementId, string>>

/** Every known statement with what its checks found; one of weaker standing stands beside the whole as an entry of its own. */
export function factReports(outcomes: readonly CheckResult[], unobservable: Reasons): FactReport[] {
  return ids.flatMap((id) => {
    const own = statements[id].standing
    const about = Map.groupBy(
      outcomes.filter(({ check }) => check.id === id),
      ({ check }) => check.standing ?? own,
    )
    const standings: Standing[] = [...new Set([own, ...about.keys()])]
    return standings.map((standing) => factOf(id, standing, about.get(standing) ?? [], unobservable[id]))
  })
}

function factOf(id: StatementId, standing: Standing, outcomes: readonly CheckResult[], why?: string): FactReport {
  const { sentence } = statements[id]
  const having = (found: CheckResult['found']) => outcomes.find((outcome) => outcome.found === found)
  const decisive = having('departs') ?? having('holds') ?? outcomes[0]
  const reason = decisive ? decisive.reason : (why ?? 'no check looks at it')
  return {
    id,
    standing,
    result: words[standing][decisive?.found ?? 'unobservable'],
    sentence,
    ...(reason !== undefined && { reason }),
    checks: outcomes.map(({ check: { title }, found, reason }) => ({
      title,
      result: words[standing][found],
      ...(reason !== undefined && { reason }),
    })),
    evidence: outcomes.flatMap(({ check, evidence }) => evidence.map((one) => ({ ...one, check: check.title }))),
  }
}

/** What decides: documented facts, and the state machine where it departed from one. */
export function runSummaryOf(facts: readonly FactReport[], stateMachine: readonly MachineReport[]): RunSummary {
  const count = (result: Result) => facts.filter((fact) => fact.result === result).length
  const failed = count('failed')
  return {
    conforms: failed === 0 && stateMachine.every(({ result }) => result !== 'failed'),
    passed: count('passed'),
    failed,
    agrees: count('agrees'),
    differs: count('differs'),
    notObservable: count('not observable'),
  }
}
