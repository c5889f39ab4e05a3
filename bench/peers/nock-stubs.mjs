import nock from 'nock'

nock.disableNetConnect()

/** Stubs of these exchanges, each for one request; what is returned takes them away. */
export function stub(base, exchanges) {
  const scope = nock(base)
  for (const { method, path, status, type, body } of exchanges) {
    scope.intercept(path, method).reply(status, body, type ? { 'content-type': type } : {})
  }
  return () => nock.cleanAll()
}
