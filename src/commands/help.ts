import type { SettingName } from '../settings/settings.ts'
import { definitions, environmentName } from '../settings/settings.ts'

/** What `--help` prints: everything that can be said to the command. */
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

function settingLines(name: SettingName): string {
  const { flag, takes, fallback, help: meaning, isSecret } = definitions[name]
  const usual = fallback ? ` (${fallback})` : ''
  return `  ${(isSecret ? '' : `--${flag} ${takes}`).padEnd(28)}${meaning}${usual}\n${' '.repeat(30)}${environmentName(name)}`
}
