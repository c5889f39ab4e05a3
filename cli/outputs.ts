import { outputFile } from './output-file.ts'
import { visibleJson } from './visible.ts'

/** A report as JSON, of which a terminal shows all. */
export const jsonText = (report: unknown): string => visibleJson(`${JSON.stringify(report, undefined, 2)}\n`)

/** In place of a file: standard output. */
export const standardOutput = '-'

/**
 * What writes a report to the file that a flag names, or to standard output; nothing where there is no such flag.
 *
 * @throws UsageError where the file cannot be written
 */
export function writerOf<Report>(
  flag: string,
  path: string | undefined,
  form: (report: Report) => string,
  print: (text: string) => void,
): (report: Report) => void {
  if (path === undefined) return () => {}
  if (path === standardOutput) return (report) => print(form(report))
  const file = outputFile(flag, path)
  return (report) => file.write(form(report))
}
