/** A request that curl is to send as it is. */
export interface CurlRequest {
  readonly method: string
  readonly url: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/**
 * What a command has to say after `curl`, in parts that may stand in a line each: neither reads curl anything into a request
 * that is not in it, nor adds to it.
 *
 * @param quoted a text as one word for the shell
 * @param wordOf the word for a header that is not sent as it was
 */
export function curlParts(
  { method, url, headers, body }: CurlRequest,
  quoted: (text: string) => string,
  wordOf: (name: string, value: string) => string | undefined,
): string[] {
  const how = [
    method === 'HEAD' ? '-I ' : method === 'GET' && body === '' ? '' : `-X ${method} `,
    /[[\]{}]/.test(url) ? '-g ' : '',
    /\/\.{1,2}(\/|$|\?)/.test(url) ? '--path-as-is ' : '',
  ]
  // Without it, curl would send the type of a form.
  const silence = body !== '' && headers.every(([name]) => name !== 'content-type') ? ["-H 'content-type:'"] : []
  return [
    how.join('') + quoted(url),
    ...headers.map(
      ([name, value]) => `-H ${wordOf(name, value) ?? quoted(value === '' ? `${name};` : `${name}: ${value}`)}`,
    ),
    ...silence,
    // As the others, but `@` at its beginning names no file.
    ...(body === '' ? [] : [`--data-raw ${quoted(body)}`]),
  ]
}
