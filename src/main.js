#!/usr/bin/env node
// Plain JavaScript, because an older Node cannot even read what follows; it is told so instead of being left to crash.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { whyTooOld } from './process/node-version.js'

// In a checkout the source runs as it is; the package brings only what was made from it.
const source = new URL('main.ts', import.meta.url)
const isCheckout = existsSync(source)
const inCheckout = process.env.npm_lifecycle_event === 'start' ? 'script' : 'checkout'
/* c8 ignore next -- see below */
const refusal = whyTooOld(process.versions.node, isCheckout ? inCheckout : 'package')
if (refusal !== undefined) {
  process.stderr.write(`${refusal}\n`)
  process.exit(2)
}

// Heard from here on: process 1, as in the image, is spared every signal that nobody listens for.
const { promise: first, resolve } = Promise.withResolvers()
const names = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] // as commands with a report of their own hear, in cli/interruption.ts
for (const name of names) process.on(name, resolve)
const signals = {
  first,
  parent: process.ppid,
  async release() {
    await new Promise((turned) => setImmediate(turned)) // one that came while code was loaded is heard in the next turn
    for (const name of names) process.off(name, resolve)
    first.then((name) => {
      process.kill(process.pid, name)
      process.exit(128 + constants.signals[name]) // process 1 is spared that, too
    })
  },
}

/* c8 ignore next -- see below */
const { main } = await import(isCheckout ? source.href : bundle())
process.exitCode = await main(process.argv.slice(2), signals)

/* c8 ignore start -- the bundle runs only where it is installed or built, from where no coverage comes */
function bundle() {
  const dist = new URL('../dist/', import.meta.url)
  // Beside the code itself, where nobody can write who could not change the code; without it, the start is slower.
  module.enableCompileCache(fileURLToPath(new URL('.compiled', dist)))
  return new URL('src/main.js', dist).href
}
/* c8 ignore stop */
