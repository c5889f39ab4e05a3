import type { Exit, ExitName } from './exits.ts'
import type { Report } from './report.ts'

/** How a run ends, by its report: documented facts decide. */
export function verdictOf(report: Report): Exit {
  const { target, ended, summary, facts, stateMachine, leftBehind, defects } = report
  const left =
    leftBehind.length > 0 ? `these are left there: ${leftBehind.join('; ')}` : 'all that it made there is gone again'
  const end = (name: ExitName, sentence: string): Exit => ({ name, sentence: `${target} ${sentence}` })
  if (ended === 'interrupted') return { name: 'interrupted', sentence: `interrupted; ${left}` }
  if (ended === 'unreachable')
    return end('unreachable', `was lost on the way; see whether it is still up, and verify it again; ${left}`)
  if (defects.length > 0)
    return { name: 'defective', sentence: `the kit itself failed, which says nothing of ${target}; please report it` }
  if (!summary.conforms) {
    const failed = facts.filter(({ result }) => result === 'failed').map(({ id }) => id)
    const inSequence = stateMachine
      .filter(({ result }) => result === 'failed')
      .map(({ id = 'a fact' }) => `${id} in a sequence`)
    const which = [...new Set([...failed, ...inSequence])].join(', ')
    return end('departs', `does not conform: it departs from ${which}; the report shows how${leftNote(leftBehind)}`)
  }
  const { passed, notObservable } = summary
  return end(
    'conforms',
    `conforms: ${passed} documented facts hold, ${notObservable} statements cannot be observed${leftNote(leftBehind)}`,
  )
}

const leftNote = (leftBehind: readonly string[]): string =>
  leftBehind.length > 0 ? `; left there: ${leftBehind.join('; ')}` : ''
