import { exitLines, flagLines } from '../cli/help.ts'
import { execExitMeanings } from './exits.ts'
import { execFlags } from './options.ts'

/** What `exec --help` prints. */
export const execHelp = (): string => `Runs a command beside an emulator that lives as long as it does.

Usage
  koodrive-backup-emulator exec [flags] [settings] -- COMMAND [ARGUMENTS]

The emulator listens on a free port and keeps everything in memory. The command is run without a shell and finds it by
  KOODRIVE_URL              what stands before /koodrive/ose/v1/backup
  KOODRIVE_TOKEN            a token that is taken
  KOODRIVE_CONTROL_URL      the default world in the control plane
  KOODRIVE_CONTROL_TOKEN    what the control plane asks for, where a control token is set: one of this run
  KOODRIVE_ADVERSITY        what goes wrong on purpose: none
  KOODRIVE_RUN_DIR          an empty folder, gone afterwards

Flags
${flagLines(execFlags)}
All settings of the emulator are flags here, too: koodrive-backup-emulator --help lists them.

Exit status
${exitLines(execExitMeanings)}`
