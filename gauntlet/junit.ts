import { element, junitDocument, testCase } from '../cli/junit.ts'
import type { GauntletReport, TrialReport } from './report-forms.ts'
import { isFailing } from './verdict.ts'

/** A report as pipelines read it: a case for each adversity, under the operation that it befalls. */
export function gauntletJunit({ command, startedAt, durationMillis, trials }: GauntletReport): string {
  const cases = trials.map((trial) => testCase(`gauntlet.${trial.operation ?? 'all'}`, trial.id, innerOf(trial)))
  return junitDocument({ name: `gauntlet ${command.join(' ')}`, startedAt, durationMillis }, cases)
}

function innerOf({ verdict, isAccepted, says, why, archives, output }: TrialReport): string {
  if (verdict === 'not met') return element('skipped', { message: 'it never came up' })
  if (!isFailing(verdict)) return ''
  if (isAccepted) return element('skipped', { message: `accepted: ${verdict}` })
  return (
    element('failure', { message: says, type: verdict }, why.join('\n')) +
    element('system-out', {}, [...archives, output].join('\n'))
  )
}
