import { Departure, Interrupted, Unobservable } from './check.ts'
import type { Findings } from './checks.ts'
import type { MachineOptions, MachineReport } from './machine/report.ts'
import type { Session } from './session.ts'
import { TargetLost } from './target-lost.ts'

export type RunMachine = (options: MachineOptions) => Promise<MachineReport>

type Plan = Pick<MachineOptions, 'seed' | 'runs' | 'clients'>

export type AllFindings = Findings & { readonly stateMachine?: MachineReport }

/** Runs the state machine after the checks, around what they found the target to do otherwise. */
export async function withMachine(
  findings: Findings,
  session: Session,
  runMachine: RunMachine,
  plan: Plan,
): Promise<AllFindings> {
  const { workbench, isInterrupted } = session
  const avoid = new Set(findings.outcomes.filter(({ found }) => found === 'departs').map(({ check: { id } }) => id))
  const found = await attempted(() => runMachine({ workbench, ...plan, avoid, isInterrupted }), plan)
  const leftBehind = [...findings.leftBehind, ...(await session.settle())]
  const ended = isInterrupted() ? 'interrupted' : (found.ended ?? findings.ended)
  const defects = [...findings.defects, ...(found.defect ? [found.defect] : [])]
  return { ...findings, stateMachine: found.stateMachine, leftBehind, ended, defects }
}

interface Found {
  readonly stateMachine: MachineReport
  readonly ended?: 'unreachable'
  readonly defect?: string
}

async function attempted(run: () => Promise<MachineReport>, plan: Plan): Promise<Found> {
  try {
    return { stateMachine: await run() }
  } catch (error) {
    const because = (reason: string): MachineReport => ({ ...plan, result: 'not observable', reason })
    if (error instanceof Interrupted) return { stateMachine: because('the run was interrupted') }
    if (error instanceof TargetLost)
      return { stateMachine: because(`no answer came: ${error.message}`), ended: 'unreachable' }
    if (error instanceof Departure || error instanceof Unobservable) return { stateMachine: because(error.message) }
    const trace = error instanceof Error ? error.stack : String(error)
    return { stateMachine: because('the kit itself failed'), defect: `the state machine: ${trace}` }
  }
}
