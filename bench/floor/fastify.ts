import type { Static } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { fastify } from 'fastify'
import { basePath } from '../../schemas/common.ts'
import { updateConfigInfo } from '../../schemas/config.ts'

// Fastify with the contract of a configuration change and nothing behind it: no store, no log, no journal.
const { params, body } = updateConfigInfo
const checks = { params: TypeCompiler.Compile(params), body: TypeCompiler.Compile(body) }
const app = fastify()
app.setValidatorCompiler(({ httpPart }) => {
  const check = httpPart === 'params' ? checks.params : checks.body
  return (value) => check.Check(value)
})
app.patch<{ Params: Static<typeof params>; Body: Static<typeof body> }>(
  basePath + updateConfigInfo.path.replace(/\{(\w+)\}/g, ':$1'),
  { schema: { params, body } },
  (request, reply) => {
    const { moduleCode, configName, newConfigValue } = request.body
    const data = { deviceId: request.params.deviceId, moduleCode, configName, configValue: newConfigValue }
    reply.send({ data, code: 0, msg: 'success' })
  },
)
await app.listen({ port: Number(process.argv[2]), host: '127.0.0.1' })
