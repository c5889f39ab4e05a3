import { element, junitDocument, testCase } from '../cli/junit.ts'
import { visible } from '../cli/visible.ts'
import { answerLine, curlLine } from './curl.ts'
import type { MachineReport } from './machine/report.ts'
import type { FactReport, Report } from './report.ts'
import { wordClients } from './text.ts'

/** A report as pipelines read it: a test case per fact, of which only documented ones can fail. */
export function junitOf(report: Report): string {
  const { target, startedAt, durationMillis, facts, stateMachine, defects } = report
  const cases = [
    ...facts.map(caseOf),
    ...stateMachine.map(machineCase),
    ...defects.map((trace) =>
      testCase('verify.kit', 'the kit itself works', element('error', { message: 'failed' }, trace)),
    ),
  ]
  return junitDocument({ name: `verify ${target}`, startedAt, durationMillis }, cases)
}

function caseOf({ id, standing, result, sentence, reason = '', checks, evidence }: FactReport): string {
  const found = checks.map(
    (check) => `${check.result}: ${check.title}${check.reason ? ` (${visible(check.reason)})` : ''}`,
  )
  // Of what is as expected, the whole report has the evidence.
  const telling = result === 'failed' || result === 'differs' ? evidence : []
  const shown = telling.flatMap((one) => [curlLine(one), answerLine(one)])
  const text = [...found, ...shown].join('\n')
  return testCase(`verify.${standing}`, `${id} ${sentence}`, verdict(result, reason, text))
}

function machineCase({ result, id, reason, script = '', seed, runs, clients }: MachineReport): string {
  const why = [id, reason].filter(Boolean).join(' ')
  const inner = verdict(result, why, `seed ${seed}\n${script}`)
  return testCase('verify.state machine', `${runs} sequences, ${wordClients(clients)}`, inner)
}

function verdict(result: FactReport['result'], reason: string, text: string): string {
  if (result === 'failed') return element('failure', { message: reason }, text)
  if (result === 'not observable') return element('skipped', { message: reason })
  return element('system-out', {}, `${result}\n${text}`)
}
