import { randomInt } from 'node:crypto'
import { requireDifferent } from '../cli/command-line.ts'
import type { Flags } from '../cli/flags.ts'
import { readFlags, wholeNumber } from '../cli/flags.ts'
import { UsageError } from '../cli/usage-error.ts'
import { basePath } from '../schemas/common.ts'
import type { Credentials } from './credentials.ts'
import { givenCredentials } from './given-credentials.ts'

/** What the command line of `verify` says, checked. */
export interface VerifyOptions {
  /** What stands before the base path, without a slash at the end. */
  readonly url: string
  readonly userId: string
  readonly credentials: Credentials
  readonly readOnly: boolean
  readonly slow: boolean
  readonly patienceMillis: number
  readonly seed: number
  /** Sequences of the state machine. */
  readonly runs: number
  readonly clients: number
  /** Paths of files, unread and unwritten; `-` is standard output. */
  readonly json?: string | undefined
  readonly junit?: string | undefined
  readonly diff?: string | undefined
  readonly ca?: string | undefined
}

export const flags = {
  target: { takes: 'URL', help: 'the server: what stands before /koodrive/ose/v1/backup' },
  user: { takes: 'ID', help: 'whose data to use: the X-User-Id of every request' },
  token: { takes: 'TOKEN', help: 'the access token of that user', environment: 'KOODRIVE_TOKEN' },
  'app-id': { takes: 'ID', help: 'sign as this app, in place of a token', environment: 'KOODRIVE_APP_ID' },
  'app-secret': { takes: 'SECRET', help: 'the secret to sign with', environment: 'KOODRIVE_APP_SECRET' },
  'read-only': { help: 'send nothing that changes anything' },
  slow: { help: 'make the checks that take minutes, too' },
  json: { takes: 'FILE', help: 'write the whole report; - is standard output' },
  junit: { takes: 'FILE', help: 'write the report for a pipeline; - is standard output' },
  diff: { takes: 'BASELINE.json', help: 'say what changed since the run that wrote this report' },
  seed: { takes: 'N', help: 'repeat the sequences of an earlier run (by chance)' },
  runs: { takes: 'N', help: 'random sequences to try, of one client and of several; 0 is none (25)' },
  clients: { takes: 'N', help: 'so many clients at once after one alone; 1 is none (3)' },
  timeout: { takes: 'SECONDS', help: 'how long to wait for an answer (15)' },
  ca: { takes: 'FILE', help: 'certificates to trust beside the usual ones, in PEM' },
} as const satisfies Flags

/**
 * Options from flags and environment, flags winning; an empty variable counts as unset.
 *
 * @throws UsageError
 */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): VerifyOptions {
  const given = readFlags(flags, args)
  const { json, junit, diff, ca } = given
  requireDifferent([json, junit])
  return {
    url: targetOf(given.target),
    userId: userOf(given.user),
    credentials: givenCredentials(
      { token: given.token, appId: given['app-id'], appSecret: given['app-secret'] },
      {
        token: environment[flags.token.environment],
        appId: environment[flags['app-id'].environment],
        appSecret: environment[flags['app-secret'].environment],
      },
    ),
    readOnly: 'read-only' in given,
    slow: 'slow' in given,
    patienceMillis: 1000 * wholeNumber('timeout', given.timeout ?? '15', 1, 3600),
    seed: wholeNumber('seed', given.seed ?? `${randomInt(largestSeed)}`, 0, largestSeed),
    runs: wholeNumber('runs', given.runs ?? '25', 0, 1_000_000),
    clients: wholeNumber('clients', given.clients ?? '3', 1, 16),
    json,
    junit,
    diff,
    ca,
  }
}

const largestSeed = 2 ** 31 - 1

function targetOf(text: string | undefined): string {
  if (text === undefined) throw new UsageError('--target is missing: the address of the server to verify')
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new UsageError('--target takes an address such as https://drive.example.com or http://127.0.0.1:4020')
  const url = new URL(text)
  if (url.username || url.password || url.search || url.hash)
    throw new UsageError('--target takes an address without a user, a query and a fragment')
  // Who copies an address from a client's settings often copies the base path with it.
  const prefix = url.pathname.replace(/\/+$/, '').replace(new RegExp(`${basePath}$`), '')
  return url.origin + prefix.replace(/\/+$/, '')
}

function userOf(text: string | undefined): string {
  if (text === undefined) throw new UsageError('--user is missing: the id of the user whose data may be used')
  if (!/^[!-~]+$/.test(text)) throw new UsageError('--user takes visible ASCII characters without spaces')
  return text
}
