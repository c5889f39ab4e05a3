import { createSecureContext } from 'node:tls'
import { Attempts } from '../cli/attempts.ts'
import { jsonText, standardOutput, writerOf } from '../cli/outputs.ts'
import { UsageError } from '../cli/usage-error.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { largestNote, wholeFile } from '../src/process/whole-file.ts'
import { readBaseline } from './baseline.ts'
import { diffOf } from './diff.ts'
import { junitOf } from './junit.ts'
import type { VerifyOptions } from './options.ts'
import type { Report } from './report.ts'
import { reportText } from './text.ts'

/**
 * Makes sure that all can be read and written that a run was asked for, before it begins.
 *
 * @param complain told why a report could not be written after all
 * @returns what writes a report to wherever it goes, and says whether all of it could be written
 * @throws UsageError
 */
export function openOutputs(
  options: Pick<VerifyOptions, 'json' | 'junit' | 'diff'>,
  print: (text: string) => void,
  complain: (sentence: string) => void,
) {
  const attempts = new Attempts(complain)
  const writers = [writerOf('json', options.json, jsonText, print), writerOf('junit', options.junit, junitOf, print)]
  const isTaken = options.json === standardOutput || options.junit === standardOutput
  if (isTaken && options.diff !== undefined)
    throw new UsageError('--diff prints to standard output; give --json and --junit a file')
  const baseline = options.diff === undefined ? undefined : readBaseline(options.diff)
  return (report: Report): boolean => {
    if (!isTaken) print(reportText(report))
    if (baseline) print(`\n${diffOf(baseline, report)}`)
    for (const write of writers) attempts.write(() => write(report), undefined)
    return !attempts.hasFailed
  }
}

/** @throws UsageError unless the file holds certificates in PEM */
export function readCertificates(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    const ca = wholeFile(file, largestNote).toString()
    if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no certificate in PEM')
    createSecureContext({ ca })
    return ca
  } catch (error) {
    throw new UsageError(`--ca ${file} cannot be used: ${messageOf(error)}`)
  }
}
