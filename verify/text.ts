import { visible } from '../cli/visible.ts'
import { answerLine, curlLine } from './curl.ts'
import type { MachineReport } from './machine/report.ts'
import type { FactReport, Report, Result } from './report.ts'

const order: readonly Result[] = ['failed', 'differs', 'passed', 'agrees', 'not observable']
const longestLine = 1000
const standings = ['documented', 'inferred', 'assumed'] as const

/** A report for a person. */
export function reportText(report: Report): string {
  const { target, userId, version, startedAt, seed, facts, leftBehind } = report
  const parts = [
    `koodrive-backup-emulator ${version} verified ${target} for user ${userId} at ${startedAt}, seed ${seed}`,
    ...standings.map((standing) => groupOf(standing, facts)),
    machineLines(report),
    ...facts.flatMap(departures),
    ...(leftBehind.length > 0
      ? [['Left behind at the server', ...leftBehind.map(visible).map(indented)].join('\n')]
      : []),
    summaryLine(report),
  ]
  return `${parts.join('\n\n')}\n`
}

function groupOf(standing: FactReport['standing'], facts: readonly FactReport[]): string {
  const group = facts.filter((fact) => fact.standing === standing)
  const sorted = group.toSorted((one, other) => order.indexOf(one.result) - order.indexOf(other.result))
  return [`${standing[0]?.toUpperCase()}${standing.slice(1)}`, ...sorted.map(factLine)].join('\n')
}

function factLine({ id, result, sentence, reason, checks }: FactReport): string {
  const unseen = checks.filter((check) => check.result === 'not observable')
  const part = unseen.length < checks.length && unseen[0] ? ` (in part; ${visible(`${unseen[0].reason}`)})` : ''
  const words = visible(short((result === 'not observable' && reason) || sentence))
  return indented(`${result.padEnd(14)}  ${id.padEnd(6)}  ${words}${part}`)
}

const short = (text: string): string => (text.length > 100 ? `${text.slice(0, 99).trimEnd()}…` : text)

const indented = (text: string): string => `  ${text}`

/** The checks that a fact fell by, each with the request and the answer that show it. */
function departures({ id, result, checks, evidence }: FactReport): string[] {
  const departed = checks.filter(({ result }) => result === 'failed' || result === 'differs')
  return departed.map(({ title, reason = '' }) => {
    const shown = evidence.findLast(({ check }) => check === title)
    const lines = [visible(reason), ...(shown ? [curlLine(shown), answerLine(shown)] : [])]
    return [`${id} ${result}: ${title}`, ...lines.map(readable).map(indented)].join('\n')
  })
}

/** Bodies of ten thousand characters would bury the rest of the report. */
const readable = (line: string): string =>
  line.length > longestLine
    ? `${line.slice(0, longestLine).toWellFormed()}… (${line.length} characters; --json FILE has more)`
    : line

/** How many clients acted in a sequence. */
export const wordClients = (clients: number): string => (clients === 1 ? 'one client' : `${clients} clients at once`)

function machineLines({ stateMachine }: Report): string {
  return ['State machine', ...(stateMachine.length > 0 ? stateMachine.map(machineLine) : ['  not run'])].join('\n')
}

function machineLine({ result, runs, clients, seed, id, reason, script = '' }: MachineReport): string {
  const what = `${result.padEnd(14)}  ${runs} sequences, ${wordClients(clients)}, seed ${seed}`
  const why = visible([id, reason].filter(Boolean).join(' '))
  const lines = [why, ...script.split('\n').map(visible)].filter(Boolean).map(indented)
  return [what, ...lines].map(indented).join('\n')
}

function summaryLine({ summary: { passed, failed, agrees, differs, notObservable } }: Report): string {
  return `${passed} passed, ${failed} failed; ${agrees} agree, ${differs} differ; ${notObservable} not observable`
}
