import { Attempts } from '../cli/attempts.ts'
import { outputFolder } from '../cli/output-folder.ts'
import { jsonText, standardOutput, writerOf } from '../cli/outputs.ts'
import { gauntletHtml } from './html.ts'
import { gauntletJunit } from './junit.ts'
import { gauntletMarkdown } from './markdown.ts'
import type { GauntletOutputs } from './options.ts'
import type { Accepted, GauntletList, GauntletReport } from './report-forms.ts'
import type { Run } from './run.ts'

/** Where reports go. */
export interface GauntletWriters {
  /** True where a report takes standard output, so that nothing else may be printed there. */
  readonly isTaken: boolean
  readonly report: (report: GauntletReport) => void
  /** Where the report would go. */
  readonly list: (list: GauntletList) => void
  readonly accepted: (accepted: Accepted) => void
  /**
   * Writes what was sent and answered in a run that went wrong, and the worlds that it left.
   *
   * @returns the files of the worlds
   */
  readonly keep: (id: string, run: Pick<Run, 'har' | 'worlds'>) => string[]
  /** Whether any of this could not be written, which was told. */
  readonly isShort: () => boolean
}

/**
 * Makes sure that every report can be written, before anything runs.
 *
 * @throws UsageError
 */
export function openGauntletReports(
  outputs: GauntletOutputs,
  print: (text: string) => void,
  complain: (sentence: string) => void,
): GauntletWriters {
  const { json, junit, markdown, html, har, archive, writeAccepted } = outputs
  const attempts = new Attempts(complain)
  const toFile = <Document>(flag: string, path: string | undefined, form: (document: Document) => string) => {
    const write = writerOf(flag, path, form, print)
    return (document: Document): void => attempts.write(() => write(document), undefined)
  }
  const writers = [
    toFile('json', json, jsonText),
    toFile('junit', junit, gauntletJunit),
    toFile('markdown', markdown, gauntletMarkdown),
    toFile('html', html, gauntletHtml),
  ]
  const hars = har === undefined ? undefined : outputFolder('har', har)
  const archives = archive === undefined ? undefined : outputFolder('archive', archive)
  return {
    isTaken: [json, junit, markdown, html, writeAccepted].includes(standardOutput),
    report: (report) => {
      for (const write of writers) write(report)
    },
    list: toFile('json', json, jsonText),
    accepted: toFile('write-accepted', writeAccepted, jsonText),
    keep(id, run) {
      const name = fileName(id)
      attempts.write(() => hars?.write(`${name}.har`, jsonText(run.har)), undefined)
      if (archives === undefined) return []
      const { kept, lost } = run.worlds
      for (const sentence of lost) complain(`${id}: ${sentence}`)
      const write = (file: string, world: Buffer) => attempts.write(() => [archives.write(file, world)], [])
      return kept.flatMap((world) => write(`${name}.${world.file}`, world.archive))
    },
    isShort: () => attempts.hasFailed,
  }
}

/** An id as files may be called anywhere. */
const fileName = (id: string): string => id.replace(/[^\w.#()+-]/g, '_')
