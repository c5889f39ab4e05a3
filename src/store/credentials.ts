import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import { statement, writing } from './statement.ts'

/** Whose a token is and how long it lives; `null` is for ever. */
export interface TokenGrant {
  readonly userId: string
  readonly lifetimeMillis: number | null
  readonly expiresMillis: number | null
}

export interface App {
  readonly appId: string
  readonly appSecret: string
}

/** A token as it is stored. */
export interface TokenRow {
  readonly digest: Buffer
  user_id: string
  lifetime_millis: number | null
  expires_millis: number | null
}

export type Credentials = ReturnType<typeof credentialsIn>

const digestOf = (token: string): Buffer => hash('sha256', token, 'buffer')

/** Access tokens, of which only a digest is kept, and apps with their secrets. */
export function credentialsIn(database: Database) {
  const findToken = statement<[Buffer], TokenRow>(
    database,
    'SELECT digest, user_id, lifetime_millis, expires_millis FROM token WHERE digest = ?',
  )
  const addToken = writing<[Buffer, string, number | null, number | null]>(
    database,
    'INSERT OR REPLACE INTO token (digest, user_id, lifetime_millis, expires_millis) VALUES (?, ?, ?, ?)',
  )
  const listTokens = statement<[], TokenRow>(
    database,
    'SELECT digest, user_id, lifetime_millis, expires_millis FROM token',
  )
  const renewToken = writing<[number, Buffer]>(database, 'UPDATE token SET expires_millis = ? WHERE digest = ?')
  const addApp = writing<[string, string]>(database, 'INSERT OR REPLACE INTO app (app_id, app_secret) VALUES (?, ?)')
  const listApps = statement<[], App>(database, 'SELECT app_id AS appId, app_secret AS appSecret FROM app')
  const findApp = statement<[string], { app_secret: string }>(database, 'SELECT app_secret FROM app WHERE app_id = ?')
  return {
    findToken(token: string): TokenGrant | undefined {
      const row = findToken().get(digestOf(token))
      return row && { userId: row.user_id, lifetimeMillis: row.lifetime_millis, expiresMillis: row.expires_millis }
    },
    addToken(token: string, grant: TokenGrant): void {
      addToken(digestOf(token), grant.userId, grant.lifetimeMillis, grant.expiresMillis)
    },
    tokens: (): TokenRow[] => listTokens().all(),
    keepToken({ digest, user_id, lifetime_millis, expires_millis }: TokenRow): void {
      addToken(digest, user_id, lifetime_millis, expires_millis)
    },
    renewToken(token: string, expiresMillis: number): void {
      renewToken(expiresMillis, digestOf(token))
    },
    /** The secret of a registered app. */
    findApp: (appId: string): string | undefined => findApp().get(appId)?.app_secret,
    listApps: (): App[] => listApps().all(),
    addApp(appId: string, appSecret: string): void {
      addApp(appId, appSecret)
    },
  }
}
