import { HttpResponse, http } from 'msw'
import { setupServer } from 'msw/node'

const server = setupServer()
server.listen({ onUnhandledRequest: 'error' })

/** Stubs of these exchanges, each for one request; what is returned takes them away. Queries are not compared. */
export function stub(base, exchanges) {
  const handlers = exchanges.map(({ method, path, status, type, body }) =>
    http[method.toLowerCase()](
      base + path.split('?', 1)[0],
      () => new HttpResponse(body, { status, headers: type ? { 'content-type': type } : {} }),
      { once: true },
    ),
  )
  server.use(...handlers)
  return () => server.resetHandlers()
}
