import { explain } from '../tools/usage.ts'
import { withFolder } from './place.ts'
import { documentTrials } from './tool-trials.ts'
import { conclude, judgeEach } from './verdicts.ts'

/*
 * Hands what the emulator gives out to the tools of others, in the newest versions that the npm registry has: its documents,
 * its archive, its package. Prints a table and exits with 1 where one of them finds fault. Those that cannot be had are not
 * run.
 */

explain(`npm run try:tools

Hands documents, archive and package to the tools of others in their newest versions. Needs the npm registry and
some minutes. Exit status 1 where one of them finds fault.`)

const verdicts = await withFolder((folder, cleanup) => judgeEach(documentTrials(folder, cleanup)))
conclude([{ name: 'verdict', verdicts }])
