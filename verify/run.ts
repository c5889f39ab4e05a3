import { version } from '../src/process/package.ts'
import type { Choice, Findings } from './checks.ts'
import { makeChecks } from './checks.ts'
import { secretsOf } from './credentials.ts'
import { cleaned, cleanText } from './evidence.ts'
import type { Report } from './report.ts'
import { factReports, runSummaryOf } from './report.ts'
import type { SessionOptions } from './session.ts'
import { openSession } from './session.ts'

export interface RunOptions extends SessionOptions, Choice {
  /** With which the state machine draws its sequences. */
  readonly seed?: number
}

/** Makes the checks one after another, takes away what they made, and reports. */
export async function runSuite(options: RunOptions): Promise<Report> {
  const { wallClock = Date.now } = options
  const startedAt = wallClock()
  const session = openSession(options)
  try {
    const findings = await makeChecks(session, options)
    return reportOf({ ...findings, leftBehind: await session.conclude() }, options, startedAt)
  } finally {
    session.close()
  }
}

/**
 * A report without any secret.
 *
 * @param startedAt Unix milliseconds
 */
export function reportOf(
  { outcomes, ...findings }: Findings & Pick<Report, 'leftBehind'>,
  { url, userId, credentials, seed = 0, unobservable = {}, wallClock = Date.now }: RunOptions,
  startedAt: number,
): Report {
  const secrets = secretsOf(credentials)
  const clean = outcomes.map((outcome) => ({
    ...outcome,
    reason: outcome.reason && cleanText(outcome.reason, secrets),
  }))
  const facts = factReports(clean, unobservable)
  return {
    target: url,
    userId,
    version,
    startedAt: new Date(startedAt).toISOString(),
    durationMillis: wallClock() - startedAt,
    seed,
    summary: runSummaryOf(facts, findings.stateMachine),
    ...cleaned(findings, secrets),
    facts,
  }
}
