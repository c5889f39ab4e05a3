/** One refusal as the client sees it: HTTP status, business code and exact message. */
export interface CatalogueEntry {
  readonly status: number
  readonly code: number
  readonly msg: string
}

/** Answers with these have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5). */
export const bodilessStatuses: readonly number[] = [204, 205, 304]

/**
 * Every refusal of the emulated API (DEC-11 to DEC-14). 13000xxx are the vendor's codes (COM-13), used where they fit;
 * 13990xxx is the emulator's own block, in which no documented code lies.
 */
export const catalogue = {
  unknownRoute: { status: 404, code: 13000101, msg: 'Bad Request' },
  malformed: { status: 400, code: 13000101, msg: 'Bad Request' },
  tooLarge: { status: 413, code: 13000101, msg: 'Bad Request' },
  mediaType: { status: 415, code: 13000101, msg: 'Bad Request' },
  invalid: { status: 400, code: 13000102, msg: 'Verify parameters failed.' },
  internal: { status: 500, code: 13000201, msg: 'inner server invoke failure' },
  notFound: { status: 400, code: 13000309, msg: 'The resource does not exist.' },
  noUpload: { status: 400, code: 13000401, msg: 'The upload task does not exist.' }, // its message was never seen (UPL-7)
  integrity: { status: 400, code: 13000402, msg: 'File integrity check failed.' },
  duplicateFile: { status: 400, code: 13000405, msg: 'Duplicate file name.' },
  unauthorized: { status: 401, code: 13990401, msg: 'Authentication failed.' },
  valueMismatch: { status: 400, code: 13990409, msg: 'The current configuration value does not match.' },
  scopeExists: { status: 400, code: 13990410, msg: 'The backup scope already exists.' },
  tooManyScopes: { status: 400, code: 13990411, msg: 'Too many backup scopes.' },
  lockHeld: { status: 400, code: 13990423, msg: 'The backup lock is held.' },
  lockNotHeld: { status: 400, code: 13990424, msg: 'The backup lock is not held.' },
  recordCompleted: { status: 400, code: 13990425, msg: 'The backup record is already completed.' },
  throttled: { status: 429, code: 13990429, msg: 'Too many requests.' },
  tooManyWorlds: { status: 503, code: 13990503, msg: 'Too many worlds.' },
  unknownWorld: { status: 503, code: 13990504, msg: 'The world is not here.' },
} as const satisfies Record<string, CatalogueEntry>

export type ErrorKey = keyof typeof catalogue
export type Catalogue = Readonly<Record<ErrorKey, CatalogueEntry>>

/** What is thrown to refuse a request. Not an `Error`: capturing a stack costs more than the whole refusal. */
export class Refusal {
  readonly key: ErrorKey
  /** For people: what was wrong and what would be right. Never a stored value or a secret (DEC-15). */
  readonly reason: string
  /** Where Node's own parser has the say, its status stands in place of the catalogue's. */
  readonly status: number | undefined

  constructor(key: ErrorKey, reason: string, status?: number) {
    this.key = key
    this.reason = reason
    this.status = status
  }
}

export const isRefusal = (result: unknown): result is Refusal => result instanceof Refusal

/** A refusal to be thrown: `throw refuse('notFound', 'no such device [DEC-16]')`. */
export const refuse = (key: ErrorKey, reason: string): Refusal => new Refusal(key, reason)
