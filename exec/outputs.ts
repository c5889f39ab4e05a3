import { coverageFile } from '../cli/coverage-file.ts'
import type { WorldsKept } from '../cli/kept-worlds.ts'
import { outputFolder } from '../cli/output-folder.ts'
import { jsonText, writerOf } from '../cli/outputs.ts'
import type { CoverageView } from '../schemas/coverage.ts'
import type { Archive } from '../schemas/har.ts'
import type { Seed } from '../schemas/seed.ts'
import type { Demands } from './junit.ts'
import { execJunit } from './junit.ts'
import type { ExecOptions } from './options.ts'
import type { ExecReport } from './report.ts'

/** Where reports go. */
export interface Reports {
  /** Adds the coverage of a run to what earlier ones left, where that is asked for. */
  readonly addUp: (coverage: CoverageView) => CoverageView
  readonly json: (report: ExecReport) => void
  /** @param own coverage of this run alone */
  readonly junit: (report: ExecReport, own: CoverageView) => void
  /** These are made only where somebody wants them. */
  readonly har: (archive: () => Archive) => void
  readonly state: (state: () => Seed) => void
  /** Answers the path of each world's file by its name. */
  readonly archive: (worlds: () => WorldsKept) => ReadonlyMap<string, string>
}

/**
 * Makes sure that every report can be written, before anything runs.
 *
 * @throws UsageError
 */
export function openReports(
  { outputs, ...demands }: Pick<ExecOptions, 'outputs'> & Demands,
  print: (text: string) => void,
  complain: (sentence: string) => void,
): Reports {
  const { coverageInto, json, junit, har, state, archive } = outputs
  const junitOf = ({ report, own }: { report: ExecReport; own: CoverageView }) => execJunit(report, own, demands)
  const writeJunit = writerOf('junit', junit, junitOf, print)
  const folder = archive === undefined ? undefined : outputFolder('archive', archive)
  return {
    addUp: coverageInto === undefined ? (coverage) => coverage : coverageFile('coverage-into', coverageInto),
    json: writerOf('json', json, jsonText, print),
    junit: (report, own) => writeJunit({ report, own }),
    har: writerOf('har', har, (archive: () => Archive) => jsonText(archive()), print),
    state: writerOf('state', state, (document: () => Seed) => jsonText(document()), print),
    archive(worlds) {
      if (folder === undefined) return new Map()
      const { kept, lost } = worlds()
      for (const sentence of lost) complain(sentence)
      return new Map(kept.map(({ name, file, archive }) => [name, folder.write(file, archive)]))
    },
  }
}
