import { builtinModules } from 'node:module'
import type { Plugin } from 'esbuild'

/** What a start can do without: cryptography and its protocols, assertions that hold. */
const builtinsOnDemand = new Set(['assert', 'crypto', 'http2', 'https', 'stream/consumers', 'timers/promises', 'tls'])

/** Likewise of packages: what Fastify has for versions, for patterns in paths and behind proxies, and pino's worker threads. */
const packagesOnDemand = /^(@fastify\/proxy-addr|safe-regex2|semver|thread-stream)$/

/** Those of them that cannot be bundled, for they start a file of their own. */
const besideTheBundle = new Set(['thread-stream'])

const nameOf = (path: string): string => path.replace(/^node:/, '')

const loadingOf = (name: string): string => `process.getBuiltinModule('${name}')`

/** A module that is loaded when something of it is used; where `idle` says that a call does nothing, not even then. */
const lazy = (loading: string, idle = ''): string => `new Proxy(function () {}, {
  get: (_, name) => (${loading})[name],
  apply: (_, self, values) => ${idle} Reflect.apply(${loading}, self, values),
  construct: (_, values) => Reflect.construct(${loading}, values),
})`

function codeOf(name: string): string {
  if (!builtinsOnDemand.has(name)) return loadingOf(name)
  return lazy(loadingOf(name), name === 'assert' ? 'values[0] ||' : '') // it is loaded to complain
}

/** Its exports by name, except those that a getter makes: one of http's would load a whole client. */
const exportsOf = (name: string): string[] =>
  Object.entries(Object.getOwnPropertyDescriptors(process.getBuiltinModule(name) ?? {}))
    .filter(([key, { value }]) => value !== undefined && /^[A-Za-z]\w*$/.test(key) && key !== 'default')
    .filter(([, { value }]) => !builtinsOnDemand.has(name) || typeof value === 'function') // others cannot wait
    .map(([key]) => key)

function memberOf(name: string, key: string): string {
  if (!builtinsOnDemand.has(name)) return `builtin.${key}`
  const member = `${loadingOf(name)}.${key}`
  return /^[A-Z]/.test(key) ? lazy(member) : `(...values) => ${member}(...values)` // the plainer, the quicker
}

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
    build.onResolve({ filter: packagesOnDemand }, ({ path, namespace, resolveDir }) => {
      if (namespace !== 'on-demand') return { path, namespace: 'on-demand', pluginData: resolveDir }
      return besideTheBundle.has(path) ? { path, external: true } : undefined
    })
    build.onLoad({ filter: /./, namespace: 'on-demand' }, ({ path, pluginData }) => ({
      contents: `module.exports = ${lazy(`require('${path}')`)}`,
      resolveDir: pluginData,
    }))
  },
}
