import type { FastifyBaseLogger } from 'fastify'
import { Refusal, refuse } from '../errors.ts'
import { tooLarge } from './body.ts'

/** What Fastify finds wrong with a request by itself, as refusals of the catalogue. */
const frameworkRefusals: Readonly<Record<string, Refusal>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: tooLarge(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: refuse('malformed', 'body is not as long as Content-Length says [DEC-12]'),
  ECONNRESET: refuse('malformed', 'the connection broke off before the body was complete [DEC-12]'),
}

/** Likewise Node's own parser; 431 and 408 keep their status. */
const parserRefusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: new Refusal('malformed', 'the headers are larger than 16 KiB [DEC-14]', 431),
  ERR_HTTP_REQUEST_TIMEOUT: new Refusal('malformed', 'the request did not arrive in time [DEC-14]', 408),
  HPE_INVALID_EOF_STATE: refuse('malformed', 'the connection ended before the request was complete [DEC-12]'),
}

/** What a request line or a code of the parser tells of somebody's mistake, the likeliest first. */
const mistakes: readonly (readonly [line: RegExp, code: RegExp, sentence: string])[] = [
  [/^PRI \* HTTP\/2/, /./, 'this looks like HTTP/2; speak HTTP/1.1'],
  [/^[A-Z]+ \S* .* HTTP\/\d\.\d\r?$/, /./, 'the target has a space in it; percent-encode it as %20'],
  [/^[A-Z]+ (?![/*]|[A-Za-z]+:\/\/)\S+ HTTP/, /^HPE_INVALID_URL$/, 'the target must begin with a /'],
  [/^/, /^HPE_INVALID_URL$/, 'the target has a character that must be percent-encoded'],
  [/^[A-Za-z-]+ \S+ HTTP\//, /^HPE_INVALID_METHOD$/, 'the method is none that HTTP knows; methods are in capitals'],
  [/^/, /^HPE_INVALID_HEADER_TOKEN$/, 'a header line has no colon, or a character that no header may have'],
  [/^/, /^HPE_INVALID_CHUNK_SIZE$/, 'a chunk of the body does not begin with its size in hexadecimal digits'],
  [/^/, /_CONTENT_LENGTH$/, 'Content-Length is no number, was sent twice, or stands beside Transfer-Encoding'],
  [/^/, /^HPE_INVALID_TRANSFER_ENCODING$/, 'Transfer-Encoding is not chunked, or stands beside Content-Length'],
  [
    /^/,
    /^HPE_(CR_EXPECTED|LF_EXPECTED|STRICT)$/,
    'a line does not end with CR LF, or a chunk is not as long as its size says',
  ],
  [/ HTTP\/1\.[01]$/, /^HPE_INVALID_VERSION$/, 'a line does not end with CR LF'],
]

/** Of one that counts characters in place of bytes, what is left over looks like another request. */
const surplus =
  'what follows the request before it is no other: a body is longer than its Content-Length, which counts bytes'

/** A TLS record of the type handshake begins so. */
const tlsGreeting = '\x16\x03'
const looksLikeTls = 'this looks like TLS; send it to http://, or start with --tls-cert and --tls-key'

/** Any error of a request as a refusal; what nobody foresaw is our own fault, and its cause goes to the log. */
export function asRefusal(error: unknown, log: FastifyBaseLogger): Refusal {
  if (error instanceof Refusal) return error
  const code = codeOf(error)
  const known = frameworkRefusals[code]
  if (known) return known
  if (code.startsWith('HPE_') || code in parserRefusals) return unreadable(error)
  const [, sentence = 'the emulator failed'] = ownFailures.find(([beginning]) => code.startsWith(beginning)) ?? []
  log.error({ err: error }, sentence)
  return refuse('internal', 'the emulator failed; its log has the cause')
}

/** What SQLite's codes tell whoever runs the emulator. */
const ownFailures = [
  ['SQLITE_CORRUPT', 'the database is corrupt; stop the emulator and put a sound copy in its place, or remove it'],
  [
    'SQLITE_FULL',
    'the database is full: the disk has no room or, in memory, a world has reached 1 GiB; take a file, --db',
  ],
] as const

/**
 * What Node's own parser refuses, before there is a request or within its body.
 *
 * @param bytesRead how much came over its connection
 */
export function unreadable(error: unknown, bytesRead = 0): Refusal {
  const code = codeOf(error)
  return parserRefusals[code] ?? refuse('malformed', `${mistakeIn(error, code, bytesRead)} (${code}) [DEC-12]`)
}

/** What Node adds to an error of its parser. */
interface ParseError {
  readonly rawPacket?: Buffer
  /** Of the packet, up to the mistake. */
  readonly bytesParsed?: number
}

const nothingRead = Buffer.alloc(0)

/** The packet is looked at to say what it is, never shown: it may hold secrets. */
function mistakeIn(error: unknown, code: string, bytesRead: number): string {
  const { rawPacket: packet = nothingRead, bytesParsed }: ParseError = Object(error)
  const first = String(packet.toString('latin1').split('\n', 1))
  if (first.startsWith(tlsGreeting)) return looksLikeTls
  const isBehindAnother = bytesRead > packet.length || packet.subarray(0, bytesParsed).includes('\n')
  if (code === 'HPE_INVALID_METHOD' && isBehindAnother) return surplus
  const [, , sentence = 'this is not HTTP/1.1'] =
    mistakes.find(([line, codes]) => line.test(first) && codes.test(code)) ?? []
  return sentence
}

/** A system's or Node's own code of an error, such as `EADDRINUSE`; empty where it has none. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '')

export const unreadableQuery = () =>
  refuse('malformed', 'query has a broken percent-encoding; encode it as RFC 3986 says [DEC-12]')
