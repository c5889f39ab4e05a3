import { visible } from '../cli/visible.ts'
import type { ExecReport, WorldReport } from './report.ts'

/** The findings of every world, for a person. */
export function reviewText({ worlds }: Pick<ExecReport, 'worlds'>): string {
  const lines = worlds.flatMap(linesOf)
  return `${lines.length > 0 ? lines.join('\n') : 'The review has no findings.'}\n`
}

function linesOf({ name, isOver, findings, dropped }: WorldReport): string[] {
  const world = `world ${name}${isOver ? ', which is no more' : ''}`
  return [
    ...findings.map(
      ({ rule, message, requests }) =>
        `review: ${rule}: ${visible(message)} (${world}, requests ${requests.join(', ')})`,
    ),
    ...(dropped > 0
      ? [
          `review: ${dropped} requests were not judged, because the journal keeps no more; raise --journal-entries (${world})`,
        ]
      : []),
  ]
}
