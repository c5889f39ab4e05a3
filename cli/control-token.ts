import { randomBytes } from 'node:crypto'
import type { EmulatorOptions } from '../src/index.ts'

type TokenSetting = keyof Pick<EmulatorOptions, 'controlToken' | 'controlTokenFile'>

/** Settings with a token of this run in place of the user's, where the control plane asks for one; a command is handed this one. */
export function withOwnToken<Settings extends { readonly [Name in TokenSetting]?: string | undefined }>(
  settings: Settings,
): Settings {
  const isAskedFor = (settings.controlToken ?? settings.controlTokenFile) !== undefined
  return isAskedFor ? { ...settings, controlToken: randomBytes(24).toString('base64url') } : settings
}
