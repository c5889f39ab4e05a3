import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

/** What a start can do without: cryptography and its protocols, threads, assertions. */
const builtinsOnDemand = new Set([
  'assert',
  'crypto',
  'http2',
  'https',
  'stream/consumers',
  'timers/promises',
  'tls',
  'worker_threads',
])

/** Likewise of packages: pino's worker threads, of which this log has none. */
const packagesOnDemand = /^thread-stream$/

const nameOf = (path: string): string => path.replace(/^node:/, '')

const loadingOf = (name: string): string => `process.getBuiltinModule('${name}')`

/** A module that is loaded when something of it is used. */
const lazy = (loading: string): string => `new Proxy(function () {}, {
  get: (_, name) => (${loading})[name],
  apply: (_, self, values) => Reflect.apply(${loading}, self, values),
  construct: (_, values) => Reflect.construct(${loading}, values),
})`

const codeOf = (name: string): string => (builtinsOnDemand.has(name) ? lazy(loadingOf(name)) : loadingOf(name))

/** Its exports by name, except those that a getter makes: one of http's would load a whole client. */
const exportsOf = (name: string): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name) ?? {}))
    .filter(([key, property]) => 'value' in property && /^[A-Za-z]\w*$/.test(key) && key !== 'default')
    .map(([key]) => key)

/** Of a module on demand, only functions are taken by name. */
const memberOf = (name: string, key: string): string =>
  builtinsOnDemand.has(name) ? `(...values) => ${loadingOf(name)}.${key}(...values)` : `builtin.${key}`

const asModule = (name: string): string =>
  [
    `const builtin = ${codeOf(name)}`,
    'export default builtin',
    ...exportsOf(name).map((key) => `export const ${key} = ${memberOf(name, key)}`),
  ].join('\n')

/**
 * Loads Node's own modules without `import`, which asks each of them for everything it exports, and those that a start can
 * do without when they are first used. Both together halve the start.
 */
export const nodeModulesOnDemand: Plugin = {
  name: 'node-modules-on-demand',
  setup(build) {
    build.onResolve({ filter: /^(node:)?[a-z_0-9]+(\/[a-z]+)*$/ }, ({ path, kind }) =>
      builtinModules.includes(nameOf(path))
        ? { path: nameOf(path), namespace: kind === 'require-call' ? 'required' : 'imported' }
        : undefined,
    )
    build.onLoad({ filter: /./, namespace: 'imported' }, ({ path }) => ({ contents: asModule(path) }))
    build.onLoad({ filter: /./, namespace: 'required' }, ({ path }) => ({
      contents: `module.exports = ${codeOf(path)}`,
    }))
    build.onResolve({ filter: packagesOnDemand }, ({ path, namespace }) =>
      namespace === 'on-demand' ? { path, external: true } : { path, namespace: 'on-demand' },
    )
    build.onLoad({ filter: /./, namespace: 'on-demand' }, ({ path }) => ({
      contents: `module.exports = ${lazy(`require('${path}')`)}`,
    }))
  },
}
