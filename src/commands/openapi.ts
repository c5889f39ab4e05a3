import { once } from 'node:events'
import { SettingsError } from '../settings.ts'

/**
 * Prints the OpenAPI document; nothing is started.
 *
 * @returns 0, also to a reader that has seen enough
 * @throws SettingsError for any argument
 */
export async function printOpenApi(args: readonly string[]): Promise<number> {
  if (args.length > 0) throw new SettingsError(`openapi takes no arguments, not "${args[0]}"`)
  const { openApiText } = await import('../openapi/document.ts')
  const gone = once(process.stdout, 'error')
  const written = new Promise((resolve) => process.stdout.write(openApiText(), resolve))
  await Promise.race([written, gone])
  return 0
}
