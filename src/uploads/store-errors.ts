/** A refusal of the object store as S3 has it: status, `Code` and `Message` (UPL-5, DEC-41). */
interface StoreError {
  readonly status: number
  readonly message: string
}

export const storeErrors = {
  MissingContentLength: { status: 411, message: 'You must provide the Content-Length HTTP header.' },
  AccessDenied: { status: 403, message: 'Request has expired' },
  SignatureDoesNotMatch: {
    status: 403,
    message:
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  },
  NoSuchUpload: {
    status: 404,
    message:
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  },
  InvalidRequest: { status: 400, message: 'The request is not valid.' },
  IncompleteBody: {
    status: 400,
    message: 'You did not provide the number of bytes specified by the Content-Length HTTP header.',
  },
  BadDigest: { status: 400, message: 'The bytes you sent are not those that were announced.' },
  InternalError: { status: 500, message: 'We encountered an internal error. Please try again.' },
  SlowDown: { status: 503, message: 'Please reduce your request rate.' },
  EntityTooLarge: { status: 400, message: 'Your proposed upload exceeds the maximum allowed size' },
} as const satisfies Record<string, StoreError>

export type StoreErrorCode = keyof typeof storeErrors

/** Why the store does not take a part. */
export interface StoreRefusal {
  readonly code: StoreErrorCode
  /** For people, as in `x-emulator-reason`. */
  readonly reason: string
}

/** The body of a refusal. */
export function errorDocument(
  code: StoreErrorCode,
  resource: string,
  requestId: string,
  message: string = storeErrors[code].message,
): string {
  const elements = { Code: code, Message: message, Resource: resource, RequestId: requestId }
  const content = Object.entries(elements).map(([name, text]) => `<${name}>${escaped(text)}</${name}>`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${content.join('')}</Error>`
}

/** Text as XML has it; what XML 1.0 cannot hold at all becomes U+FFFD. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
