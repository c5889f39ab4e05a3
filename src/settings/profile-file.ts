import { STATUS_CODES } from 'node:http'
import type { Static } from '@sinclair/typebox'
import { profileOf } from '../../schemas/profile.ts'
import type { Catalogue, CatalogueEntry, ErrorKey } from '../errors.ts'
import { bodilessStatuses, catalogue, Refusal, refuse } from '../errors.ts'
import { compileCheck } from '../http/validation.ts'
import { StartupError } from '../process/startup-error.ts'
import { readJsonFile } from './json-file.ts'

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

/** A refusal is a status line with a reason phrase, and a body. */
const carriesBody = (status: number): boolean => status in STATUS_CODES && !bodilessStatuses.includes(status)

const expected = `expected a registered status from 200 to 599 that has a body, so none of ${bodilessStatuses.join(', ')}, and no number without a name`

function checkProfile(file: string): Static<ReturnType<typeof profileOf>> {
  const what = `the profile ${file}`
  try {
    const profile = compileCheck(profileOf(keys), 'profile')(readJsonFile(file, what))
    const odd = keys.find((key) => !carriesBody(profile.errors[key]?.status ?? 400))
    if (odd === undefined) return profile
    throw refuse('invalid', `profile/errors/${odd}/status is ${profile.errors[odd]?.status}; ${expected}`)
  } catch (error) {
    throw error instanceof Refusal ? new StartupError(`${what} has a mistake: ${error.reason}`) : error
  }
}
