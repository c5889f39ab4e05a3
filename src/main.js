#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot even read what follows; it is told so instead of being left to crash.
import { existsSync } from 'node:fs'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`koodrive-backup-emulator needs Node.js 22.18 or newer; this is ${process.versions.node}.\n`)
  process.exit(1)
}

/* c8 ignore next 3 -- the compiled form runs only under node_modules, from where no coverage comes */
// In a checkout the source runs as it is; the package brings only what was compiled from it.
const source = new URL('main.ts', import.meta.url)
const { main } = await import(existsSync(source) ? source.href : new URL('../dist/src/main.js', import.meta.url).href)
process.exitCode = await main(process.argv.slice(2))
