import { hash } from 'node:crypto'
import type { Database } from './database.ts'
import { statement, writing } from './statement.ts'

/** Whose a token is and how long it lives; `null` is for ever. */
export interface TokenGrant {
  readonly userId: string
  readonly lifetimeMillis: number | null
  readonly expiresMillis: number | null
}

export interface AppRow {
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

export type Access = ReturnType<typeof accessIn>

/** Access tokens, of which only a digest is kept, and apps with their secrets. */
export function accessIn(database: Database) {
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
  const listApps = statement<[], AppRow>(database, 'SELECT app_id AS appId, app_secret AS appSecret FROM app')
  const findApp = statement<[string], { app_secret: string }>(database, 'SELECT app_secret FROM app WHERE app_id = ?')
  const likeDigest = statement<[string], { digest: Buffer }>(
    database,
    'SELECT digest FROM token WHERE lower(hex(digest)) LIKE ? LIMIT 1',
  )
  const standIns = new Map<string, Buffer>()
  const digestOf = (token: string): Buffer => standIns.get(token) ?? hash('sha256', token, 'buffer')
  return {
    /** Lets a token stand for the one whose digest begins so, if there is one; returns what ends that. */
    standIn(token: string, beginning: string): () => void {
      const digest = likeDigest().get(`${beginning}%`)?.digest
      if (digest) standIns.set(token, digest)
      return () => void standIns.delete(token)
    },
    /** What stands for tokens now, by the digests of those. */
    standIns: (): ReadonlyMap<string, Buffer> => standIns,
    keepStandIns(others: ReadonlyMap<string, Buffer>): void {
      for (const [token, digest] of others) standIns.set(token, digest)
    },
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
    listApps: (): AppRow[] => listApps().all(),
    addApp(appId: string, appSecret: string): void {
      addApp(appId, appSecret)
    },
  }
}
