// Imported before anything that an older Node would crash on.
import { whyTooOld } from './node-version.js'

const sentence = whyTooOld(process.versions.node, 'package')
if (sentence !== undefined) {
  const refusal = new Error(sentence)
  // Where nobody catches it, it ends as the command does: in a sentence, without a trace of where that stands.
  process.on('uncaughtExceptionMonitor', (error) => {
    if (error !== refusal || process.listenerCount('uncaughtException') > 0) return
    process.stderr.write(`${sentence}\n`)
    process.exit(2)
  })
  throw refusal
}
