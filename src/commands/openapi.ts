import { parseArgs } from 'node:util'
import { writeAll } from '../process/standard-streams.ts'
import { messageOf } from '../process/startup-error.ts'
import { baseUrl } from '../settings/forms.ts'
import { resolveSettings, SettingsError } from '../settings/settings.ts'
import { addressOf } from './listen.ts'

/**
 * Prints the OpenAPI document of the API, or with `--control` that of the control plane; nothing is started.
 *
 * @returns 0, also to a reader that has seen enough
 * @throws SettingsError for anything but `--control` and `--public-url URL`
 */
export async function printOpenApi(args: readonly string[]): Promise<number> {
  const { control, 'public-url': publicUrl } = flagsIn(args)
  const base = publicUrl === undefined ? usualAddress() : baseOf(publicUrl)
  const { openApiText } = await import('../openapi/document.ts')
  const { controlText } = await import('../openapi/control.ts')
  writeAll(process.stdout, control ? controlText(base) : openApiText(base))
  return 0
}

/** Where an emulator listens to which nothing was said. */
export const usualAddress = (): string => addressOf(resolveSettings({}))

function flagsIn(args: readonly string[]) {
  const options = { control: { type: 'boolean' }, 'public-url': { type: 'string' } } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new SettingsError(`openapi: ${messageOf(error)}`)
  }
}

function baseOf(named: string): string {
  try {
    return baseUrl(named)
  } catch {
    throw new SettingsError('openapi --public-url takes an address such as https://emulator.example')
  }
}
