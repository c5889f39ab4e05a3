import { UsageError } from '../cli/usage-error.ts'
import type { Credentials } from './credentials.ts'

/** What somebody said of credentials; an empty text says nothing. */
export interface GivenCredentials {
  readonly token?: string | undefined
  readonly appId?: string | undefined
  readonly appSecret?: string | undefined
}

/**
 * One token, or one app with its secret; flags win over the environment, which may complete an app.
 *
 * @throws UsageError for none, half of one, and both at once
 */
export function givenCredentials(flags: GivenCredentials, environment: GivenCredentials): Credentials {
  const { token, appId, appSecret } = chosen(flags, environment)
  if (token && (appId || appSecret)) throw new UsageError('a token and an app exclude each other; give one of them')
  if (token) return { token: sendable('token', token, /^[!-~]+$/) }
  if (appId && appSecret) return { appId: sendable('app id', appId, /^[!-+\--~]+$/), appSecret }
  if (!appId && !appSecret)
    throw new UsageError('credentials are missing: set KOODRIVE_TOKEN, or KOODRIVE_APP_ID and KOODRIVE_APP_SECRET')
  throw new UsageError(`the app ${appId ? 'secret' : 'id'} is missing; a signature needs both`)
}

function chosen(flags: GivenCredentials, environment: GivenCredentials): GivenCredentials {
  if (flags.token) return flags
  if (!flags.appId && !flags.appSecret) return environment
  return { appId: flags.appId || environment.appId, appSecret: flags.appSecret || environment.appSecret }
}

function sendable(what: string, text: string, form: RegExp): string {
  if (form.test(text)) return text
  throw new UsageError(`the ${what} cannot be sent: it may hold visible ASCII characters only`)
}
