import { build } from 'esbuild'
import { writeInspector } from './inspector.ts'
import { nodeModulesOnDemand } from './node-modules-on-demand.ts'

/*
 * What the package and the image run, in place of the sources and of the packages they import: fewer files are quicker to
 * find, and only what is used has to be read.
 */

/** Loaded from where they are installed: a binary, and what only people at a terminal need. */
const beside = ['better-sqlite3', 'pino-pretty']

/** Fastify would load them for schemas without a compiler, and for tests; neither is the case here. */
const neverLoaded = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request']

await build({
  entryPoints: ['src/main.ts', 'src/index.ts', 'gauntlet/index.ts'],
  outdir: 'dist',
  outbase: '.',
  // Beside what finds files of the package by its own place.
  chunkNames: 'src/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.18',
  external: [...beside, ...neverLoaded],
  // Of the library for digests, the module from which what is not used can be left out.
  alias: { 'hash-wasm': 'hash-wasm/dist/index.esm.js' },
  plugins: [nodeModulesOnDemand],
  // What is left of `require` in packages, their own optional parts.
  banner: { js: "const require = process.getBuiltinModule('module').createRequire(import.meta.url)" },
  logLevel: 'warning',
})

await writeInspector('dist/inspector')
