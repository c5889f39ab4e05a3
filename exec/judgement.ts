import { shortfall } from '../cli/coverage-bounds.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { ExecOptions } from './options.ts'
import type { WorldReport } from './report.ts'

/** What was asked for and does not hold, a sentence each. */
export function failuresOf(
  worlds: readonly Pick<WorldReport, 'findings'>[],
  own: CoverageView,
  sum: CoverageView,
  { allowSilence, failOn, failUnder }: Pick<ExecOptions, 'allowSilence' | 'failOn' | 'failUnder'>,
): string[] {
  return [
    ...(allowSilence ? [] : silence(own)),
    ...findings(worlds, failOn),
    ...failUnder.flatMap((bound) => shortfall(sum, bound) ?? []),
  ]
}

/** Why a command did not call as it should have; nothing where it did. */
export function silence({ requests, operations }: CoverageView): string[] {
  if (requests === 0) return ['the command never called the emulator: does it read KOODRIVE_URL?']
  if (operations.some((operation) => operation.requests > 0)) return []
  return [
    `none of its ${requests} requests was for an operation: KOODRIVE_URL is what stands before /koodrive/ose/v1/backup`,
  ]
}

function findings(worlds: readonly Pick<WorldReport, 'findings'>[], failOn: readonly string[]): string[] {
  const found = worlds
    .flatMap((world) => world.findings.map(({ rule }) => rule))
    .filter((rule) => failOn.includes(rule))
  if (found.length === 0) return []
  return [`the review has findings: ${[...new Set(found)].join(', ')}; --review tells them`]
}
