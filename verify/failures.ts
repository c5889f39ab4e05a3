/** What was expected and what came instead. */
export class Departure extends Error {}

/** Why this target, or this run, cannot show something. */
export class Unobservable extends Error {}

/** The run was interrupted, and what was about to be done is not done any more. */
export class Interrupted extends Error {}

/** What is known of a target that did not answer. */
export class TargetLost extends Error {
  /** The code of the error that Node or OpenSSL reported, such as `ECONNREFUSED`. */
  readonly code: string
  readonly isTls: boolean

  constructor(cause: unknown) {
    const { message = String(cause), code = '' } = Object(cause)
    super(String(message || code), { cause })
    this.code = String(code)
    this.isTls = /^(CERT_|DEPTH_ZERO|UNABLE_TO_|SELF_SIGNED|ERR_TLS|ERR_SSL|EPROTO$|HOSTNAME_MISMATCH)/.test(this.code)
  }
}

/** What the target gave, such as an id or an address, cannot be sent back to it. Nothing was sent. */
export class Unsendable extends Departure {}

const neverConnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/

/** Whether a request whose sending failed so may have arrived all the same. */
export function mayHaveArrived(error: unknown): boolean {
  if (error instanceof TargetLost) return !error.isTls && !neverConnected.test(error.code)
  return !(error instanceof Unsendable || error instanceof Interrupted)
}
