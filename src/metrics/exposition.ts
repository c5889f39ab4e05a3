import type { Histogram } from './meter.ts'
import { buckets } from './meter.ts'

type Sample = readonly [labels: string, value: number]

/** A metric in Prometheus' text format: what it means, then its samples. */
export function metric(
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: number | Iterable<Sample>,
): string {
  const all: Iterable<Sample> = typeof samples === 'number' ? [['', samples]] : samples
  const lines = [...all].map(([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

/** One sample for each key. */
export const labelled = (label: string, counts: Iterable<readonly [key: string, count: number]>): Sample[] =>
  [...counts].map(([key, count]) => [`${label}="${key}"`, count])

export function histogram(
  name: string,
  help: string,
  label: string,
  all: Iterable<readonly [string, Histogram]>,
): string {
  const lines = [...all].flatMap(([key, { counts, seconds }]) => {
    let sum = 0
    const cumulative = counts.map((count) => {
      sum += count
      return sum
    })
    const bounds = [...buckets, '+Inf'].map(
      (bound, index) => `${name}_bucket{${label}="${key}",le="${bound}"} ${cumulative[index]}\n`,
    )
    return [...bounds, `${name}_sum{${label}="${key}"} ${seconds}\n`, `${name}_count{${label}="${key}"} ${sum}\n`]
  })
  return `# HELP ${name} ${help}\n# TYPE ${name} histogram\n${lines.join('')}`
}
