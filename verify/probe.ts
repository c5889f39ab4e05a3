import { isIP } from 'node:net'
import { connect } from 'node:tls'
import { basePath } from '../schemas/common.ts'
import type { Exit, ExitName } from './exits.ts'
import { Departure, TargetLost, Unobservable } from './failures.ts'
import type { Answer, Target } from './target.ts'

/**
 * Looks whether there is anything to verify, by reading the list of devices.
 *
 * @returns what stands in the way, if anything does
 */
export async function obstacleAt(target: Target, url: string): Promise<Exit | undefined> {
  try {
    const first = await target.call('listBoundDevice')
    // The first answer brings the target's time; by one's own, a request may have been too early or too late.
    const obstacle = obstacleIn(first.status === 200 ? first : await target.call('listBoundDevice'), target.userId)
    return obstacle?.name === 'foreign' ? ((await plainToTls(url)) ?? obstacle) : obstacle
  } catch (error) {
    if (error instanceof Departure) return end('foreign', `is not this API: ${error.message}; correct --target`)
    if (error instanceof Unobservable)
      return end('unreachable', `cannot be verified now: ${error.message}; try later, when it lets requests through`)
    if (!(error instanceof TargetLost)) throw error
    return lossOf(error, url)
  }
}

const end = (name: ExitName, sentence: string): Exit => ({ name, sentence })

function obstacleIn(answer: Answer, userId: string): Exit | undefined {
  const { status } = answer
  const { code, error_code: gatewayCode } = Object(answer.json)
  if (typeof gatewayCode === 'string') return gatewayObstacle(gatewayCode, answer)
  // The space is another's: the one documented code that speaks of permission (COM-13).
  if (status === 401 || status === 403 || code === 13000410)
    return end(
      'unauthorized',
      `does not accept these credentials for user ${userId} (${said(answer)}); correct the token or the app, or --user`,
    )
  if (status !== 404 && Number.isInteger(code) && (code !== 0 || status === 200)) return undefined
  return end('foreign', `is not this API: it answers ${wordAnswer(answer)}; --target is what stands before ${basePath}`)
}

/** COM-17: authentication is `.0301` to `.0304`. */
function gatewayObstacle(code: string, answer: Answer): Exit {
  return /\.030[1-4]$/.test(code)
    ? end(
        'unauthorized',
        `has a gateway in front that does not accept these credentials (${said(answer)}); correct them`,
      )
    : end('foreign', `has a gateway in front that answers for itself (${said(answer)}); correct --target, or try later`)
}

const said = ({ status, text }: Answer): string =>
  `HTTP ${status} ${text.replace(/\s+/g, ' ').trim().slice(0, 200)}`.trim()

function wordAnswer(answer: Answer): string {
  const { status, headers, text, json } = answer
  if (headers.location !== undefined) return `HTTP ${status}, a redirect to ${headers.location.replace(/[?#].*/s, '')}`
  if (/html/i.test(headers['content-type'] ?? '') || /^\s*</.test(text)) return `HTTP ${status} with a page of HTML`
  if (json === undefined) return `HTTP ${status} without JSON`
  return said(answer)
}

async function lossOf({ code, isTls, message }: TargetLost, url: string): Promise<Exit> {
  if (isTls)
    return end('insecure', tlsAdvice[code] ?? `makes no secure connection (${code}: ${message}); see to its TLS`)
  const advice = networkAdvice[code]
  if (advice) return end('unreachable', `cannot be reached: ${advice} (${code})`)
  const secure = await plainToTls(url)
  if (secure) return secure
  if (code.startsWith('HPE_')) return end('foreign', 'is not this API: it speaks no HTTP; correct --target')
  return end('unreachable', `cannot be reached: ${message}; see whether it is up, or give it longer with --timeout`)
}

const untrusted =
  'has a certificate that nobody trusted here has signed; name the certificate to trust with --ca or NODE_EXTRA_CA_CERTS'
const noTls = 'speaks no TLS; write http:// in --target'

const tlsAdvice: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  CERT_HAS_EXPIRED: 'has a certificate that has expired; renew it there',
  CERT_NOT_YET_VALID: 'has a certificate that is not valid yet; see to the clocks',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name; use the name of the certificate in --target',
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  EPROTO: noTls,
}

const networkAdvice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; start it or correct --target',
  ENOTFOUND: 'its name is unknown; correct --target',
  EAI_AGAIN: 'its name cannot be looked up; see to the network or correct --target',
  EHOSTUNREACH: 'no way leads there; see to the network or correct --target',
  ENETUNREACH: 'no way leads there; see to the network or correct --target',
}

/** Whether somebody says http where TLS is spoken. */
async function plainToTls(url: string): Promise<Exit | undefined> {
  const { protocol, hostname, port } = new URL(url)
  // Nobody speaks TLS at the port of http itself, which an address does not name.
  if (protocol === 'https:' || port === '' || !(await speaksTls(hostname.replace(/^\[|\]$/g, ''), Number(port))))
    return undefined
  return end('insecure', 'speaks TLS; write https:// in --target')
}

const handshakeMillis = 3000

const speaksTls = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const servername = isIP(host) ? '' : host
    const socket = connect({ host, port, servername, rejectUnauthorized: false, timeout: handshakeMillis })
    const tell = (does: boolean) => () => {
      socket.destroy()
      resolve(does)
    }
    socket.on('secureConnect', tell(true)).on('error', tell(false)).on('timeout', tell(false)).on('close', tell(false))
  })
