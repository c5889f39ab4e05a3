/* Runs in the browser, after Swagger UI: a newcomer's first try is to be accepted. */

/** Where the emulator's own routes are, wherever the page was reached. */
const emulator = new URL('.', location.href)

const documentUrl = new URL('openapi.json', emulator).href

const ui = globalThis.SwaggerUIBundle({
  url: documentUrl,
  dom_id: '#docs',
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  validatorUrl: null, // nothing is asked elsewhere
  requestInterceptor: stamped,
  responseInterceptor: servedFromHere,
  onComplete: () => ui.preauthorizeApiKey('accessToken', 'any-token'),
})

/** Clients may reach the emulator by another address than this page; what is tried here goes where the page came from. */
function servedFromHere(response) {
  if (response.url !== documentUrl) return response
  const document = JSON.parse(response.text)
  const [elsewhere] = document.servers[1].url.split('/worlds/{world}')
  const here = new URL('..', emulator).href.replace(/\/$/, '')
  for (const server of document.servers) server.url = `${here}${server.url.slice(elsewhere.length)}`
  return { ...response, text: JSON.stringify(document) }
}

/** Puts the present time in place of the example of `X-Date`; what somebody typed there stays. */
async function stamped(request) {
  if (request.loadSpec) return request
  const example = ui.specSelectors.specJson().getIn(['components', 'parameters', 'xDate', 'example'])
  if (request.headers?.['X-Date'] === example) request.headers['X-Date'] = xDate(await signingNow(request.url))
  return request
}

const xDate = (iso) => iso.replace(/[-:]|\.\d{3}/g, '')

/** The clock by which the request will be judged; a world that is not there yet begins with the default one's. */
async function signingNow(url) {
  const [, world = 'default'] = /\/worlds\/([^/]+)\//.exec(new URL(url, emulator).pathname) ?? []
  const own = await fetch(new URL(`worlds/${world}/clock`, emulator))
  const answer = own.ok ? own : await fetch(new URL('worlds/default/clock', emulator))
  return (await answer.json()).signingNow
}
