import { existsSync } from 'node:fs'
import { CoverageView } from '../schemas/coverage.ts'
import { Coverage } from '../src/coverage/coverage.ts'
import { coverageView } from '../src/coverage/view.ts'
import { compileDefect } from '../src/http/validation.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { Unwritten } from '../src/process/unwritten.ts'
import { readJsonFile } from '../src/settings/json-file.ts'
import { alone } from './lock-file.ts'
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
 * A file in which runs add up, also those that overlap.
 *
 * @throws UsageError where it cannot be written, or holds something else already
 * @returns what adds a run to what the file holds by then, and answers the sum; it throws Unwritten
 */
export function coverageFile(
  flag: string,
  path: string,
  attempts?: number,
): (view: CoverageView) => Promise<CoverageView> {
  const file = outputFile(flag, path)
  const read = () => (existsSync(path) ? [readCoverage(flag, path)] : [])
  const add = (view: CoverageView) => {
    const sum = sumOf([...inTheMeantime(read), view])
    file.write(jsonText(sum))
    return sum
  }
  read()
  return (view) => alone(`--${flag} ${path}`, file.path, () => add(view), attempts)
}

/** What could be read before a run, and cannot any more after it, is no matter of usage. */
function inTheMeantime(read: () => CoverageView[]): CoverageView[] {
  try {
    return read()
  } catch (error) {
    throw new Unwritten(messageOf(error))
  }
}
