import { outputFolder } from '../cli/output-folder.ts'
import { jsonText, standardOutput, writerOf } from '../cli/outputs.ts'
import { gauntletHtml } from './html.ts'
import { gauntletJunit } from './junit.ts'
import { gauntletMarkdown } from './markdown.ts'
import type { GauntletOutputs } from './options.ts'
import type { Accepted, GauntletReport } from './report-forms.ts'
import type { Run } from './run.ts'

/** Where reports go. */
export interface GauntletWriters {
  /** True where a report takes standard output, so that nothing else may be printed there. */
  readonly isTaken: boolean
  readonly report: (report: GauntletReport) => void
  readonly accepted: (accepted: Accepted) => void
  /**
   * Writes what was sent and answered in a run that went wrong, and the worlds that it left.
   *
   * @returns the files of the worlds
   */
  readonly keep: (id: string, run: Pick<Run, 'har' | 'worlds'>) => string[]
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
  const writers = [
    writerOf('json', json, jsonText, print),
    writerOf('junit', junit, gauntletJunit, print),
    writerOf('markdown', markdown, gauntletMarkdown, print),
    writerOf('html', html, gauntletHtml, print),
  ]
  const hars = har === undefined ? undefined : outputFolder('har', har)
  const archives = archive === undefined ? undefined : outputFolder('archive', archive)
  return {
    isTaken: [json, junit, markdown, html, writeAccepted].includes(standardOutput),
    report: (report) => {
      for (const write of writers) write(report)
    },
    accepted: writerOf('write-accepted', writeAccepted, jsonText, print),
    keep(id, run) {
      const name = fileName(id)
      hars?.write(`${name}.har`, jsonText(run.har))
      if (archives === undefined) return []
      const { kept, lost } = run.worlds
      for (const sentence of lost) complain(`${id}: ${sentence}`)
      return kept.map((world) => archives.write(`${name}.${world.file}`, world.archive))
    },
  }
}

/** An id as files may be called anywhere. */
const fileName = (id: string): string => id.replace(/[^\w.#()+-]/g, '_')
