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
