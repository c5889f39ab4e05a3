import type { WholeEntryView } from '../src/journal/view.ts'
import type { Finding } from '../src/review/finding.ts'

/** What a run broke of the obligations of a client, and what a reviewer would remark besides. */
export interface Manners {
  readonly breaches: readonly Remark[]
  readonly remarks: readonly Remark[]
}

export interface Remark {
  readonly rule: string
  readonly text: string
  readonly requests: readonly number[]
}

/** What a client must not do, whatever befalls it. */
const obligations = ['retry-without-waiting', 'future-date']

/** What the state shows better than the calls do. */
const shownByState = ['record-never-completed', 'lock-never-released']

/**
 * Findings that a run without mishap has not, once each.
 *
 * @param usual rules that are broken without any mishap
 * @param excused rules that the adversity breaks by itself
 */
export function mannersOf(
  findings: readonly Finding[],
  usual: ReadonlySet<string>,
  excused: readonly string[],
): Manners {
  const counted = findings.filter(
    ({ rule }) => !usual.has(rule) && !excused.includes(rule) && !shownByState.includes(rule),
  )
  const firsts = new Map(counted.toReversed().map((finding) => [finding.rule, finding]))
  const remarks = [...firsts.values()].toReversed().map(remarkOf)
  return {
    breaches: remarks.filter(({ rule }) => obligations.includes(rule)),
    remarks: remarks.filter(({ rule }) => !obligations.includes(rule)),
  }
}

/** Of the wait that was asked for, so much is enough: no clock is as exact as that. */
const almost = 0.9

/**
 * Whether a throttled call really was tried again too early. The review counts from the end of the one to the arrival of the
 * other, which on a busy machine is shorter than the client waited; from arrival to arrival it is longer.
 */
export function isHasty(
  entries: readonly Pick<WholeEntryView, 'id' | 'wallTime' | 'retryAfter'>[],
  { requests }: Finding,
): boolean {
  const [throttled, again] = requests.map((id) => entries.find((entry) => entry.id === id))
  if (throttled === undefined || again === undefined) return false
  const asked = (throttled.retryAfter ?? 1) * 1000
  return Date.parse(again.wallTime) - Date.parse(throttled.wallTime) < almost * asked
}

const remarkOf = ({ rule, message, requests }: Finding): Remark => ({ rule, text: `${rule}: ${message}`, requests })
