import { exitLines, flagLines } from '../cli/help.ts'
import { exits } from './exits.ts'
import { flags } from './options.ts'

/** What `verify --help` prints. */
export const verifyHelp = (): string => `Verifies that a server speaks the KooDrive backup API as it is documented.

Usage
  koodrive-backup-emulator verify --target URL --user ID [flags]

It makes devices, scopes, records and locks of its own and takes them away again. Set the credentials in the
environment: other users of the machine can see the arguments of a process.

Flags
${flagLines(flags)}

Exit status
${exitLines(Object.values(exits))}`
