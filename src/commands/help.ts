import { unwrittenExit } from '../process/unwritten.ts'
import type { SettingName } from '../settings/settings.ts'
import { definitions, environmentName } from '../settings/settings.ts'

/** Everything that can be said to the command. */
export const help = (): string => `Emulates the KooDrive backup API.

Usage
  koodrive-backup-emulator [flags]              serve
  koodrive-backup-emulator health [--url URL]   exit 0 if an emulator answers there, 1 if not
  koodrive-backup-emulator openapi [--control] [--public-url URL]
                                                print the OpenAPI document of the API, or of the control plane
  koodrive-backup-emulator verify --target URL --user ID
                                                show whether a server conforms; verify --help says more
  koodrive-backup-emulator exec [flags] -- COMMAND
                                                run a command beside an emulator of its own; exec --help says more
  koodrive-backup-emulator gauntlet [flags] -- COMMAND
                                                find what breaks a client; gauntlet --help says more
  koodrive-backup-emulator coverage --url URL   tell what of the contract its clients never met

Flags, each also as an environment variable; a flag wins
${Object.keys(definitions)
  .map((name) => settingLines(name as SettingName))
  .join('\n')}
  --help, --version
`

const healthHelp = `Asks a running emulator whether it serves.

Usage
  koodrive-backup-emulator health [--url URL]

Without --url it is asked where host, port and HTTPS of the environment variables say that it listens.

Exit status
  0     an emulator answers there
  1     none does, which a sentence explains
  2     wrong usage
`

const openApiHelp = `Prints the OpenAPI document of the API.

Usage
  koodrive-backup-emulator openapi [--control] [--public-url URL]

Flags
  --control         that of the control plane
  --public-url URL  the address that the document names

Exit status
  0     it is printed
  2     wrong usage
  ${unwrittenExit.status}    ${unwrittenExit.meaning}
`

/** What `--help` prints behind the name of a command, or of none. */
export const helpFor = (command: string): string =>
  command === 'health' ? healthHelp : command === 'openapi' ? openApiHelp : help()

function settingLines(name: SettingName): string {
  const { flag, takes, fallback, help: meaning, isSecret } = definitions[name]
  const usual = fallback ? ` (${fallback})` : ''
  return `  ${(isSecret ? '(variable)' : `--${flag} ${takes}`).padEnd(28)}${meaning}${usual}\n${' '.repeat(30)}${environmentName(name)}`
}
