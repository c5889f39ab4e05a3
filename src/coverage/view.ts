import type { CoverageView, GoalKind } from '../../schemas/coverage.ts'
import { goalKinds } from '../../schemas/coverage.ts'
import type { Coverage } from './coverage.ts'
import type { Goal } from './goals.ts'
import { goals } from './goals.ts'
import { gauntletLine, lineOf, remedies } from './remedies.ts'

/** What was met, and what never was; nothing of it failed. */
export function coverageView(coverage: Coverage): CoverageView {
  const operations = [...goals].map(([operation, own]) => ({
    operation,
    requests: coverage.callsOf(operation),
    goals: own.map((goal) => ({ kind: goal.kind, what: goal.what, met: coverage.met(goal) })),
  }))
  const called = [...goals].filter(([operation]) => coverage.callsOf(operation) > 0)
  const ofCalled = called.flatMap(([, own]) => own)
  const shareOf = (kind: GoalKind) => {
    const all = kind === 'operations' ? [...goals.values()].flat() : ofCalled
    const these = all.filter((goal) => goal.kind === kind)
    return { met: these.filter((goal) => coverage.met(goal) > 0).length, of: these.length }
  }
  return {
    requests: coverage.requests,
    operations,
    shares: Object.fromEntries(goalKinds.map((kind) => [kind, shareOf(kind)])) as CoverageView['shares'], // of all kinds
    neverMet: gapsIn(ofCalled.filter((goal) => coverage.met(goal) === 0)),
    neverCalled: operations.filter(({ requests }) => requests === 0).map(({ operation }) => operation),
  }
}

const gapsIn = (never: readonly Goal[]): CoverageView['neverMet'] =>
  remedies.flatMap((remedy) => {
    const these = never.filter(remedy.fits)
    const at = these.map((goal) => ({ operation: goal.operation, what: goal.what, line: lineOf(remedy, goal) }))
    return these[0] ? [{ kind: these[0].kind, what: remedy.title, at, gauntlet: gauntletLine(remedy) }] : []
  })
