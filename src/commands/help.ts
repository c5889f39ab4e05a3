import type { SettingName } from '../settings.ts'
import { definitions, environmentName } from '../settings.ts'

/** What `--help` prints: everything that can be said to the command. */
export const help = (): string => `Emulates the KooDrive backup API.

Usage
  koodrive-backup-emulator [flags]              serve
  koodrive-backup-emulator health [--url URL]   exit 0 if an emulator answers there, 1 if not
  koodrive-backup-emulator openapi              print the OpenAPI document of the API
  koodrive-backup-emulator verify --target URL --user ID
                                                show whether a server conforms; verify --help says more

Flags, each also as an environment variable; a flag wins
${Object.keys(definitions)
  .map((name) => settingLines(name as SettingName))
  .join('\n')}
  --help, --version
`

function settingLines(name: SettingName): string {
  const { flag, takes, fallback, help: meaning } = definitions[name]
  const usual = fallback ? ` (${fallback})` : ''
  return `  ${`--${flag} ${takes}`.padEnd(28)}${meaning}${usual}\n${' '.repeat(30)}${environmentName(name)}`
}
