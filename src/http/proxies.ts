import net, { isIP } from 'node:net'

/** Whether an address is that of a proxy that may speak for others; a socket that is gone has none. */
export type Trust = (address: string | undefined) => boolean

/** @param ranges addresses, and ranges of them such as 10.0.0.0/8 */
export function trustIn(ranges: readonly string[]): Trust | undefined {
  if (ranges.length === 0) return undefined
  const list = new net.BlockList() // a getter, which the bundle does not import by name
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    if (bits === undefined) list.addAddress(address, familyOf(address))
    else list.addSubnet(address, Number(bits), familyOf(address))
  }
  return (address = '') => {
    const own = address.replace(/^::ffff:(?=\d+\.)/i, '') // as a socket for both families names IPv4
    return isIP(own) !== 0 && list.check(own, familyOf(own))
  }
}

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** What a request says of where it comes from; nothing that has not the form, for a secret may stand there as well. */
export interface Provenance {
  readonly client?: string
  readonly requestId?: string
  readonly trace?: string
}

interface Asked {
  readonly ip: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly raw: { readonly socket: { readonly remoteAddress?: string | undefined } }
}

/**
 * @param trust `undefined` where no proxy is trusted: then only the trace is of interest, which anybody may name
 */
export function provenanceOf({ ip, headers, raw }: Asked, trust: Trust | undefined): Provenance | undefined {
  const { traceparent } = headers
  if (trust === undefined && traceparent === undefined) return undefined
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(String(traceparent))?.[1]
  const isSpokenFor = trust?.(raw.socket.remoteAddress) === true
  const requestId = isSpokenFor ? /^[\w.:-]{1,64}$/.exec(String(headers['x-request-id'] ?? ''))?.[0] : undefined
  return {
    ...(trust && isIP(ip) !== 0 && { client: ip }),
    ...(requestId !== undefined && { requestId }),
    ...(trace !== undefined && { trace }),
  }
}
