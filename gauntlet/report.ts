import { sumOf } from '../cli/coverage-file.ts'
import { hidingCredentials } from '../cli/credentials.ts'
import { statements } from '../schemas/statements.ts'
import { version } from '../src/process/package.ts'
import { goneOf, isAccepted } from './accepted.ts'
import type { Adversity } from './adversity.ts'
import { entityLine } from './entities.ts'
import type { GauntletOutcome } from './gauntlet.ts'
import type { Group } from './groups.ts'
import { regressionLines } from './regression.ts'
import type { Accepted, GauntletList, GauntletReport, GroupReport, TrialReport } from './report-forms.ts'
import { headersSent } from './run.ts'
import type { JudgedRun } from './trial.ts'
import { isFailing } from './verdict.ts'

interface Frame {
  readonly command: readonly string[]
  readonly startedAt: number
  readonly endedAt: number
  readonly accepted: Accepted
  /** Files of worlds by the id of an adversity. */
  readonly archives: Archives
}

type Archives = ReadonlyMap<string, readonly string[]>

export function gauntletReport(
  outcome: GauntletOutcome,
  { command, startedAt, endedAt, accepted, archives }: Frame,
): GauntletReport {
  const { kind, plan, trials, groups, isComplete } = outcome
  const counts = [...Map.groupBy(kind.calls, ({ operation }) => operation)].map(([name, { length }]) => [name, length])
  const runs = [...kind.runs, ...trials.map(({ run }) => run)]
  const hide = hidingCredentials(headersSent(runs))
  const shown = { accepted, archives, hide }
  return {
    version,
    command: command.map(hide),
    startedAt: new Date(startedAt).toISOString(),
    durationMillis: endedAt - startedAt,
    kind: {
      calls: kind.calls.length,
      millis: Math.round(kind.runs[0].millis),
      masks: [...kind.standard.masks].sort(),
      operations: Object.fromEntries(counts),
    },
    planned: plan.length,
    isComplete,
    trials: trials.map((trial) => trialReport(trial, shown)),
    groups: groups.map((group) => groupReport(group, shown)),
    gone: goneOf(trials, accepted),
    coverage: sumOf(runs.map(({ coverage }) => coverage)),
    dropped: runs.reduce((sum, { dropped }) => sum + dropped, 0),
  }
}

export const gauntletList = (plan: readonly Adversity[]): GauntletList => ({
  version,
  adversities: plan.map(({ id, kind, operation, what, says }) => ({ id, class: kind, operation, what, says })),
})

/** How runs are shown. */
interface Shown {
  readonly accepted: Accepted
  readonly archives: Archives
  readonly hide: ReturnType<typeof hidingCredentials>
}

function trialReport(trial: JudgedRun, { accepted, archives, hide }: Shown): TrialReport {
  const { adversity, run, verdict, why, difference, remarks } = trial
  const { id, kind, operation, what, says } = adversity
  return {
    id,
    class: kind,
    operation,
    what,
    says,
    verdict,
    isAccepted: isAccepted(trial, accepted),
    before: trial.before,
    why: why.map(hide),
    status: run.status,
    millis: Math.round(run.millis),
    calls: run.entries.length,
    met: run.met,
    remarks: remarks.map(({ rule, text, requests }) => ({ rule, text, requests })),
    difference: difference && {
      missing: difference.missing.map(entityLine).map(hide),
      instead: difference.instead.map(entityLine).map(hide),
    },
    archives: archives.get(id) ?? [],
    output: isFailing(verdict) ? hide(run.output) : '',
  }
}

/** So many lines of the client are shown. */
const mostLines = 10

function groupReport({ verdict, example, trials }: Group, { accepted, archives, hide }: Shown): GroupReport {
  const { adversity, run, why } = example
  const others = trials.filter((trial) => trial !== example)
  return {
    verdict,
    isAccepted: trials.every((trial) => isAccepted(trial, accepted)),
    ids: [example, ...others].map((trial) => trial.adversity.id),
    says: adversity.says,
    why: why.map(hide),
    calls: callsAround(example),
    lastLines: hide(run.output).trim().split('\n').filter(Boolean).slice(-mostLines),
    archives: archives.get(adversity.id) ?? [],
    regression: regressionLines(adversity),
    restsOn: restsOn(example),
  }
}

const before = 3
const mostAfter = 12

/** The calls around what happened: some before, and those after. */
function callsAround({ run: { entries } }: JudgedRun): string[] {
  const struck = entries.findIndex(({ fault }) => fault !== null)
  const first = Math.max(0, (struck < 0 ? entries.length - mostAfter : struck) - (struck < 0 ? 0 : before))
  const shown = entries.slice(first, first + before + mostAfter)
  const lines = shown.map(({ operation, method, path, status, code, effect, delivered }, index) => {
    const answer = status === null || !delivered ? 'no answer' : `${status}${code === null ? '' : ` ${code}`}`
    const also = effect === null ? '' : `   <- ${effect}`
    return `${String(first + index + 1).padStart(4)}  ${(operation ?? `${method} ${path}`).padEnd(22)} ${answer}${also}`
  })
  const left = entries.length - first - shown.length
  return [...lines, ...(left > 0 ? [`      and ${left} more`] : [])]
}

type Standings = Readonly<Record<string, { readonly standing: string }>>

function restsOn({ adversity }: JudgedRun): GroupReport['restsOn'] {
  const isAssumed = (id: string) => (statements as Standings)[id]?.standing === 'assumed'
  return {
    documented: adversity.restsOn.filter((id) => !isAssumed(id)),
    assumed: adversity.restsOn.filter(isAssumed),
  }
}
