/** What the journal keeps of a body that is no text, or longer than what it keeps. */
export interface KeptBody {
  /** Whether its text is base64. */
  readonly isBinary: boolean
  /** What is known of the whole, where this is its beginning. */
  readonly whole: { readonly bytes: number; readonly sha256: string } | undefined
}

/**
 * Reads what the journal shows in the place of a body. A body that only looks like that is not taken for it: no JSON holds itself.
 *
 * @param text of the body, as it is kept
 */
export function keptBody(text: string, shown: unknown): KeptBody {
  const { beginning, base64, bytes, sha256 } = Object(shown)
  const isSubstitute = text === (beginning ?? base64)
  return {
    isBinary: isSubstitute && base64 !== undefined,
    whole: isSubstitute && sha256 !== undefined ? { bytes, sha256 } : undefined,
  }
}
