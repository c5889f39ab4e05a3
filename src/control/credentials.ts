import { AppRequest, AppView, TokenReference, TokenRequest, TokenView, WorldParams } from '../../schemas/control.ts'
import { expireToken, registerApp } from '../world/tokens.ts'
import { issue } from './dials.ts'
import { Problem } from './problem.ts'
import type { Control, Panel } from './routes.ts'

/** Access tokens and apps (DEC-3). A token is shown when it is issued and never again, a secret not even then. */
export function serveCredentials(control: Control, { dials }: Panel): void {
  const tokens = '/worlds/:name/tokens'
  const post = { params: WorldParams, body: TokenRequest, response: { 201: TokenView } }
  control.post(tokens, { schema: post }, async (request, reply) =>
    reply.code(201).send(issue(dials.ensure(request.params.name), request.body)),
  )
  control.delete(tokens, { schema: { params: WorldParams, body: TokenReference } }, async (request, reply) => {
    if (!expireToken(dials.find(request.params.name), request.body.token)) {
      throw new Problem(404, 'body/token was never issued in this world')
    }
    return reply.code(204).send()
  })
  const app = { params: WorldParams, body: AppRequest, response: { 201: AppView } }
  control.post('/worlds/:name/apps', { schema: app }, async (request, reply) => {
    const { appId, appSecret } = request.body
    registerApp(dials.ensure(request.params.name), appId, appSecret)
    return reply.code(201).send({ appId })
  })
}
