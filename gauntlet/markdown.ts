import { quoted } from '../cli/visible.ts'
import type { GauntletReport, GroupReport } from './report-forms.ts'
import { counted, restingOn, tally } from './text.ts'
import { verdicts } from './verdict.ts'

/** A report for the summary of a pipeline: the reasons, then the matrix of operations and what befell them. */
export function gauntletMarkdown(report: GauntletReport): string {
  const { kind, groups, trials } = report
  const wrong = groups.reduce((sum, { ids }) => sum + ids.length, 0)
  const title =
    groups.length === 0
      ? 'The client outlived the gauntlet'
      : `${counted(wrong, 'run')} went wrong for ${counted(groups.length, 'reason')}`
  return [
    `## ${title}`,
    '',
    `${counted(kind.calls, 'call')} without mishap, ${counted(trials.length, 'adversity', 'adversities')}: ${tally(report)}.`,
    ...groups.flatMap(groupMarkdown),
    '',
    ...matrix(report),
    '',
    `${Object.entries(verdicts)
      .filter(([name]) => name !== 'not met')
      .map(([name, { letter, meaning }]) => `${letter} ${name}: ${meaning}`)
      .join('; ')}.`,
    '',
  ].join('\n')
}

const fenced = (lines: readonly string[], language: string): string[] => [
  '',
  `~~~${language}`,
  ...lines.map((line) => line.replaceAll('~~~', '~ ~ ~')),
  '~~~',
]

function groupMarkdown(group: GroupReport): string[] {
  const { verdict, isAccepted, ids, says, why, calls, lastLines, archives, regression } = group
  return [
    '',
    `### ${verdict} in ${counted(ids.length, 'run')}${isAccepted ? ' (accepted)' : ''}: ${escaped(says)}`,
    ...fenced(
      [
        ...why.slice(0, 5),
        '',
        ...calls,
        ...(lastLines.length > 0 ? ['', ...lastLines.map((line) => `| ${line}`)] : []),
      ],
      'text',
    ),
    ...fenced(
      [
        `// koodrive-backup-emulator gauntlet --only ${quoted(ids[0] ?? '')} -- …`,
        ...archives.map((file) => `// koodrive-backup-emulator --open ${quoted(file)}`),
        ...regression,
      ],
      'js',
    ),
    '',
    `At ${ids.map((id) => `\`${id}\``).join(', ')}. Rests on ${restingOn(group)}.`,
  ]
}

const escaped = (text: string): string => text.replace(/[\\`*_{}[\]<>#|]/g, '\\$&')

/** What befell which operation, a letter for each verdict. */
function matrix({ trials }: GauntletReport): string[] {
  const single = trials.filter(({ id }) => !id.includes('+'))
  const rows = [...Map.groupBy(single, ({ operation }) => operation ?? 'the whole run')]
  const kinds = [...new Set(single.map(({ what }) => what.replace(/-\d+$/, '')))]
  const cell = (own: GauntletReport['trials'], kind: string) =>
    own
      .filter(({ what }) => what.replace(/-\d+$/, '') === kind)
      .map(({ verdict }) => verdicts[verdict].letter)
      .join('')
  const used = (own: GauntletReport['trials']) => kinds.filter((kind) => cell(own, kind) !== '')
  return [
    '| at | what became of it |',
    '|---|---|',
    ...rows.map(
      ([name, own]) =>
        `| ${name} | ${used(own)
          .map((kind) => `${kind} ${cell(own, kind)}`)
          .join(', ')} |`,
    ),
  ]
}
