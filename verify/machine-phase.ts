import { traceOf } from '../cli/visible.ts'
import type { StatementId } from '../schemas/statements.ts'
import type { Findings } from './checks.ts'
import { isThere } from './checks.ts'
import { Departure, Interrupted, TargetLost, Unobservable } from './failures.ts'
import type { MachineReport } from './machine/report.ts'
import type { Session } from './session.ts'
import type { Workbench } from './workbench.ts'

/** Tries random sequences of operations against a model. */
export type RunMachine = (options: {
  readonly workbench: Workbench
  readonly seed: number
  /** How many sequences. */
  readonly runs: number
  /** One alone does everything; several at once contend for the same configuration and lock. */
  readonly clients: number
  /** What the target is known to do otherwise, so that it is not found again and again. */
  readonly avoid: ReadonlySet<StatementId>
  readonly isInterrupted: () => boolean
}) => Promise<MachineReport>

/** As in the options: for one client, and then for so many at once. */
type Plan = Pick<Parameters<RunMachine>[0], 'seed' | 'runs' | 'clients'>

/** Runs the state machine after the checks, around what they found the target to do otherwise. */
export async function withMachine(
  findings: Findings,
  session: Session,
  runMachine: RunMachine,
  { clients, ...plan }: Plan,
): Promise<Findings> {
  const departed = findings.outcomes.filter(({ found }) => found === 'departs').map(({ check: { id } }) => id)
  let all = findings
  for (const each of new Set([1, clients])) {
    if (all.ended !== 'complete') break
    const known = all.stateMachine.flatMap(({ id, result }) => (id && result !== 'agrees' ? [id] : []))
    const avoid = new Set([...departed, ...known])
    all = await withSequences(all, session, (surroundings) => runMachine({ ...surroundings, avoid }), {
      ...plan,
      clients: each,
    })
  }
  return all
}

type Run = (options: Omit<Parameters<RunMachine>[0], 'avoid'>) => Promise<MachineReport>

async function withSequences(findings: Findings, session: Session, run: Run, plan: Plan): Promise<Findings> {
  const { workbench, isInterrupted } = session
  const { report, ended, defect } = await attempted(session, () => run({ workbench, isInterrupted, ...plan }), plan)
  await session.cleanUp()
  return {
    ...findings,
    stateMachine: [...findings.stateMachine, report],
    ended: isInterrupted() ? 'interrupted' : (ended ?? findings.ended),
    defects: [...findings.defects, ...(defect ? [defect] : [])],
  }
}

interface Attempt {
  readonly report: MachineReport
  readonly ended?: 'unreachable'
  readonly defect?: string
}

async function attempted(session: Session, run: () => Promise<MachineReport>, plan: Plan): Promise<Attempt> {
  try {
    return { report: await run() }
  } catch (error) {
    const because = (reason: string): MachineReport => ({ ...plan, result: 'not observable', reason })
    if (error instanceof Interrupted) return { report: because('the run was interrupted') }
    // A connection may break by chance, and an address that the target gave may lead elsewhere.
    if (error instanceof TargetLost)
      return {
        report: because(`no answer came: ${error.message}`),
        ...(!(await isThere(session)) && { ended: 'unreachable' }),
      }
    if (error instanceof Departure || error instanceof Unobservable) return { report: because(error.message) }
    return { report: because('the kit itself failed'), defect: `the state machine: ${traceOf(error)}` }
  }
}
