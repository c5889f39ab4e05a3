import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { program, root, runProcess } from '../../test/fixtures/process.ts'
import { npm, placeAt } from '../place.ts'
import { check, need } from './machine.ts'
import type { Stage } from './stage.ts'

const folder = join(root, 'docs/fleet/kubernetes')

/** An object as a manifest has it, of whichever kind. */
// biome-ignore lint/suspicious/noExplicitAny: what its form is, the schema of its kind says
type Manifest = any

const documentsIn = (text: string): Manifest[] =>
  parseAllDocuments(text).map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS()
  })

/** What the manifests say holds of the emulator and of haproxy, and each is what the schema of its kind asks for. */
export async function manifests(stage: Stage): Promise<string> {
  need('kubectl')
  const objects = documentsIn(check('kubectl', ['kustomize', folder]))
  assert.equal(objects.length, 8)
  const { metadata, data } = objects.find(({ kind }) => kind === 'ConfigMap')
  assert.equal(data['haproxy.cfg'], readFileSync(join(folder, 'haproxy.cfg'), 'utf8'))
  const proxy = objects.find(({ kind }) => kind === 'Deployment')
  const volumes: Manifest[] = proxy.spec.template.spec.volumes
  assert.ok(
    volumes.some(({ configMap }) => configMap?.name === metadata.name),
    'the proxy reads what was generated',
  )
  const { spec } = objects.find(({ kind }) => kind === 'StatefulSet')
  const [container] = spec.template.spec.containers
  const help = runProcess(stage.cleanup, process.execPath, [program, '--help'])
  await help.exited
  for (const flag of container.args.filter((word: string) => word.startsWith('--')))
    assert.ok(help.stdout().includes(`${flag} `), flag)
  need('haproxy')
  check('haproxy', ['-c', '-f', join(folder, 'haproxy.cfg')])
  const servers = readFileSync(join(folder, 'haproxy.cfg'), 'utf8').match(/^ *server koodrive-\d/gm)
  assert.equal(servers?.length, spec.replicas, 'as many servers as shards')
  const schemas = await schemasIn(stage)
  for (const object of objects) schemas(object)
  const service = objects.find(({ kind }) => kind === 'Service')
  assert.throws(() => schemas({ ...service, spec: { ports: 'none' } }), 'another is refused')
  return `${objects.length} objects as kubectl renders them fit Kubernetes’ schemas; their flags and haproxy.cfg are checked.`
}

/** Kubernetes' own schemas and those of its gateways, as packages that hold them. */
async function schemasIn({ folder, cleanup }: Stage): Promise<(object: Manifest) => void> {
  const place = placeAt(join(folder, 'schemas'), process.execPath, cleanup)
  await npm(place, 'install', '--ignore-scripts', 'kubernetes-models@4.5.1', '@kubernetes-models/gateway-api@0.5.1')
  const load = createRequire(join(place.folder, 'package.json'))
  return (object) => {
    const { apiVersion, kind } = object
    const owner = apiVersion.startsWith('gateway.') ? '@kubernetes-models/gateway-api' : 'kubernetes-models'
    const Kind = load(`${owner}/${apiVersion}`)[kind]
    new Kind(object).validate()
  }
}
