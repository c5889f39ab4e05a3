import type { Static } from '@sinclair/typebox'
import { profileOf } from '../schemas/profile.ts'
import type { Catalogue, CatalogueEntry, ErrorKey } from './errors.ts'
import { catalogue, Refusal } from './errors.ts'
import { compileCheck } from './http/validation.ts'
import { readJsonFile } from './json-file.ts'
import { StartupError } from './startup-error.ts'

const keys = Object.keys(catalogue) as ErrorKey[] // keys of a constant object are its keys

/**
 * The catalogue of refusals, with what a `--profile` puts in other words (DEC-14).
 *
 * @throws StartupError naming the mistake in the file
 */
export function readProfile(file: string | undefined): Catalogue {
  if (file === undefined) return catalogue
  const { errors } = checkProfile(file)
  const entries = keys.map((key): [ErrorKey, CatalogueEntry] => [key, { ...catalogue[key], ...errors[key] }])
  return Object.fromEntries(entries) as Catalogue // made from all its keys
}

function checkProfile(file: string): Static<ReturnType<typeof profileOf>> {
  const what = `the profile ${file}`
  try {
    return compileCheck(profileOf(keys), 'profile')(readJsonFile(file, what))
  } catch (error) {
    throw error instanceof Refusal ? new StartupError(`${what} has a mistake: ${error.reason}`) : error
  }
}
