import { quoted, visible } from '../cli/visible.ts'
import { coverageText } from '../src/coverage/text.ts'
import type { GauntletReport, GroupReport } from './report-forms.ts'
import type { VerdictName } from './verdict.ts'
import { verdicts } from './verdict.ts'

/** A report for a person at a terminal. */
export function gauntletText(report: GauntletReport, withCoverage: boolean): string {
  const { command, kind, groups, gone, trials, planned, dropped } = report
  const wrong = groups.reduce((sum, { ids }) => sum + ids.length, 0)
  const otherwise = trials.filter(({ before }) => before !== null).length
  const head = [
    `${counted(kind.calls, 'call')} without mishap, ${counted(trials.length, 'adversity', 'adversities')}${trials.length < planned ? ` of ${planned}` : ''}: ${tally(report)}`,
    ...(kind.masks.length > 0 ? [`not compared, because it differs by itself: ${kind.masks.join(', ')}`] : []),
    ...(otherwise > 0
      ? [`${counted(otherwise, 'run')} went otherwise when tried again, and count as they went then`]
      : []),
    ...(dropped > 0 ? [`${dropped} requests were not reviewed, for there were too many`] : []),
  ]
  const found =
    groups.length === 0
      ? []
      : [
          '',
          `${counted(wrong, 'run')} went wrong for ${counted(groups.length, 'reason')}`,
          ...groups.flatMap((group) => groupLines(group, command.length > 0)),
        ]
  const past =
    gone.length === 0
      ? []
      : ['', 'Accepted, and did not happen any more', ...gone.map(({ id, verdict }) => `  ${verdict} ${id}`)]
  const coverage = withCoverage ? ['', coverageText(report.coverage).trimEnd()] : []
  return `${[...head, ...found, ...past, ...coverage].join('\n')}\n`
}

export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** How many came to which end. */
export function tally({ trials }: Pick<GauntletReport, 'trials'>): string {
  const names = Object.keys(verdicts) as VerdictName[] // the keys of a constant object
  const counts = names.map((name) => [name, trials.filter(({ verdict }) => verdict === name).length] as const)
  return counts.flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : [])).join(', ')
}

function groupLines(
  { verdict, isAccepted, ids, says, why, calls, lastLines, archives, regression, restsOn }: GroupReport,
  isCommand: boolean,
): string[] {
  const [first = ''] = ids
  return [
    '',
    `${verdict} in ${counted(ids.length, 'run')}${isAccepted ? ' (accepted)' : ''}: ${says}`,
    ...why.slice(0, 5).map((line) => `  ${shownLine(line)}`),
    ...(why.length > 5 ? [`  and ${why.length - 5} more`] : []),
    '',
    ...calls.map((line) => `  ${line}`),
    ...(lastLines.length > 0 ? ['', ...lastLines.map((line) => `  | ${shownLine(line)}`)] : []),
    '',
    `  see it again   ${isCommand ? `gauntlet --only ${quoted(first)} -- COMMAND` : `gauntlet(work, { only: ['${first}'] })`}`,
    ...archives.map((file) => `  stand there    koodrive-backup-emulator --open ${quoted(file)}`),
    ...(regression.length > 0 ? [`  in a test      ${regression.join('\n                 ')}`] : []),
    ...(ids.length > 1 ? [`  and at         ${listed(ids.slice(1))}`] : []),
    `  rests on       ${restingOn({ restsOn })}`,
  ]
}

/** What a client said is shown, and acted upon by no terminal. */
const shownLine = (line: string): string => visible(line.trimEnd().replaceAll('\t', '    '))

const mostIds = 6

const listed = (ids: readonly string[]): string =>
  ids.length > mostIds ? `${ids.slice(0, mostIds).join(', ')} and ${ids.length - mostIds} more` : ids.join(', ')

/** Facts, and what is only assumed of the service. */
export function restingOn({ restsOn: { documented, assumed } }: Pick<GroupReport, 'restsOn'>): string {
  if (documented.length === 0) return `assumptions of the emulator alone: ${assumed.join(', ')}`
  return [documented.join(', '), ...(assumed.length > 0 ? [`assumed: ${assumed.join(', ')}`] : [])].join('; ')
}
