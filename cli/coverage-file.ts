import { existsSync } from 'node:fs'
import { CoverageView } from '../schemas/coverage.ts'
import { Coverage } from '../src/coverage/coverage.ts'
import { coverageView } from '../src/coverage/view.ts'
import { compileDefect } from '../src/http/validation.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { readJsonFile } from '../src/settings/json-file.ts'
import { outputFile } from './output-file.ts'
import { jsonText } from './outputs.ts'
import { UsageError } from './usage-error.ts'

/**
 * The coverage that an earlier run wrote.
 *
 * @throws UsageError where the file holds none
 */
export function readCoverage(flag: string, path: string): CoverageView {
  const what = `--${flag} ${path}`
  try {
    return coverageIn(readJsonFile(path, what), what)
  } catch (error) {
    throw new UsageError(messageOf(error))
  }
}

/** The same of a document that is there already. @throws Error */
export function coverageIn(document: unknown, what: string): CoverageView {
  const defect = compileDefect(CoverageView, 'coverage')(document)
  if (defect !== undefined) throw new Error(`${what} holds no coverage: ${defect}`)
  return document as CoverageView // its form has just been checked
}

/** The sum of several runs. */
export const sumOf = (views: readonly CoverageView[]): CoverageView =>
  coverageView(views.reduce((sum, view) => sum.includeView(view), new Coverage()))

/**
 * A file in which runs add up.
 *
 * @throws UsageError where it cannot be written, or holds something else already
 * @returns what adds a run to what the file holds, and answers the sum
 */
export function coverageFile(flag: string, path: string): (view: CoverageView) => CoverageView {
  const file = outputFile(flag, path)
  const before = existsSync(path) ? [readCoverage(flag, path)] : []
  return (view) => {
    const sum = sumOf([...before, view])
    file.write(jsonText(sum))
    return sum
  }
}
