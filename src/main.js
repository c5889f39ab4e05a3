#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot even read what follows; it is told so instead of being left to crash.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`koodrive-backup-emulator needs Node.js 22.18 or newer; this is ${process.versions.node}.\n`)
  process.exit(1)
}

// In a checkout the source runs as it is; the package brings only what was made from it.
const source = new URL('main.ts', import.meta.url)
/* c8 ignore next -- see below */
const { main } = await import(existsSync(source) ? source.href : bundle())
process.exitCode = await main(process.argv.slice(2))

/* c8 ignore start -- the bundle runs only where it is installed or built, from where no coverage comes */
function bundle() {
  const dist = new URL('../dist/', import.meta.url)
  // Beside the code itself, where nobody can write who could not change the code; without it, the start is slower.
  module.enableCompileCache(fileURLToPath(new URL('.compiled', dist)))
  return new URL('src/main.js', dist).href
}
/* c8 ignore stop */
