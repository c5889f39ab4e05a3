import type { Bound } from '../cli/coverage-bounds.ts'
import { shortfall } from '../cli/coverage-bounds.ts'
import { element, junitDocument, testCase } from '../cli/junit.ts'
import { keptSentence } from '../cli/kept-worlds.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import { reviewRules } from '../src/review/rules.ts'
import { silence } from './judgement.ts'
import type { ExecReport } from './report.ts'
import { reviewText } from './text.ts'

/** What of a report fails. */
export interface Demands {
  readonly allowSilence: boolean
  readonly failOn: readonly string[]
  readonly failUnder: readonly Bound[]
}

/**
 * A report as pipelines read it: the command, whether it called, a case for each rule of the review and each bound.
 *
 * @param own coverage of this run alone
 */
export function execJunit(report: ExecReport, own: CoverageView, demands: Demands): string {
  const { command, startedAt, durationMillis, coverage } = report
  const cases = [
    testCase('exec.command', 'the command passes', endOf(report) + filesOf(report)),
    testCase('exec.command', 'the command calls the emulator', silenceOf(own, demands)),
    ...reviewRules.map(({ rule, message }) => ruleCase(rule, message, report, demands)),
    ...demands.failUnder.map((bound) => {
      const reason = shortfall(coverage, bound)
      return testCase(
        'exec.coverage',
        `coverage of ${bound.kind} is ${bound.percent} % or more`,
        reason ? failure(reason) : '',
      )
    }),
  ]
  return junitDocument({ name: `exec ${command.join(' ')}`, startedAt, durationMillis }, cases)
}

const endOf = ({ status, trouble }: ExecReport): string =>
  status === 0 ? '' : failure(trouble ?? `it ended with ${status}`)

/** Where the worlds are, if they were kept. */
function filesOf({ worlds }: ExecReport): string {
  const sentence = keptSentence(worlds.flatMap(({ archive }) => archive ?? []))
  return sentence === undefined ? '' : element('system-out', {}, sentence)
}

const failure = (message: string, text?: string): string => element('failure', { message }, text)

function silenceOf(own: CoverageView, { allowSilence }: Demands): string {
  const [message] = silence(own)
  if (message === undefined) return ''
  return allowSilence ? element('skipped', { message }) : failure(message)
}

function ruleCase(rule: string, message: string, { worlds }: ExecReport, { failOn }: Demands): string {
  const broken = worlds
    .map((world) => ({ ...world, dropped: 0, findings: world.findings.filter((finding) => finding.rule === rule) }))
    .filter(({ findings }) => findings.length > 0)
  if (broken.length === 0) return testCase('exec.review', `${rule}: ${message}`, '')
  const text = reviewText({ worlds: broken })
  const inner = failOn.includes(rule) ? failure(rule, text) : element('system-out', {}, text)
  return testCase('exec.review', `${rule}: ${message}`, inner)
}
