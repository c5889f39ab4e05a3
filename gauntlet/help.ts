import { exitLines, flagLines } from '../cli/help.ts'
import { gauntletExits } from './exits.ts'
import { gauntletFlags } from './options.ts'
import { verdicts } from './verdict.ts'

const verdictLines = Object.entries(verdicts)
  .map(([name, { meaning, fails }]) => `  ${name.padEnd(13)}${meaning}${fails ? '' : ' (no failure)'}`)
  .join('\n')

/** What `gauntlet --help` prints. */
export const gauntletHelp =
  (): string => `Runs a client again and again while something else goes wrong each time, and says what became of it.

Usage
  koodrive-backup-emulator gauntlet [flags] [settings] -- COMMAND [ARGUMENTS]

The command makes a backup, or runs the tests that do. It is run twice as it is, then once for each thing that could go
wrong for the calls it made, each time beside an emulator of its own, which it finds by
  KOODRIVE_URL              what stands before /koodrive/ose/v1/backup
  KOODRIVE_TOKEN            a token that is taken
  KOODRIVE_CONTROL_URL      the default world in the control plane
  KOODRIVE_CONTROL_TOKEN    what the control plane asks for, where a control token is set: one of this run
  KOODRIVE_ADVERSITY        what goes wrong in this run, or none
  KOODRIVE_RUN_DIR          an empty folder, gone afterwards

Flags
${flagLines(gauntletFlags)}
All settings of the emulator are flags here, too: koodrive-backup-emulator --help lists them.

Verdicts
${verdictLines}

Exit status
${exitLines(Object.values(gauntletExits))}`
