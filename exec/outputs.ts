import { Attempts } from '../cli/attempts.ts'
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
  readonly addUp: (coverage: CoverageView) => Promise<CoverageView>
  readonly json: (report: ExecReport) => void
  /** @param own coverage of this run alone */
  readonly junit: (report: ExecReport, own: CoverageView) => void
  /** These are made only where somebody wants them. */
  readonly har: (archive: () => Archive) => void
  readonly state: (state: () => Seed) => void
  /** Answers the path of each world's file by its name. */
  readonly archive: (worlds: () => WorldsKept) => ReadonlyMap<string, string>
  /** Whether any of them could not be written, which was told. */
  readonly isShort: () => boolean
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
  const attempts = new Attempts(complain)
  const junitOf = ({ report, own }: { report: ExecReport; own: CoverageView }) => execJunit(report, own, demands)
  const toFile = <Report>(flag: string, path: string | undefined, form: (report: Report) => string) => {
    const write = writerOf(flag, path, form, print)
    return (report: Report): void => attempts.write(() => write(report), undefined)
  }
  const writeJunit = toFile('junit', junit, junitOf)
  const folder = archive === undefined ? undefined : outputFolder('archive', archive)
  const add = coverageInto === undefined ? undefined : coverageFile('coverage-into', coverageInto)
  return {
    addUp: async (coverage) => (add ? attempts.writeSoon(() => add(coverage), coverage) : coverage),
    json: toFile('json', json, jsonText),
    junit: (report, own) => writeJunit({ report, own }),
    har: toFile('har', har, (archive: () => Archive) => jsonText(archive())),
    state: toFile('state', state, (document: () => Seed) => jsonText(document())),
    archive(worlds) {
      if (folder === undefined) return new Map()
      const { kept, lost } = worlds()
      for (const sentence of lost) complain(sentence)
      const write = (file: string, world: Buffer) => attempts.write(() => [folder.write(file, world)], [])
      return new Map(
        kept.flatMap(({ name, file, archive }) => write(file, archive).map((path) => [name, path] as const)),
      )
    },
    isShort: () => attempts.hasFailed,
  }
}
