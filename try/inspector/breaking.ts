import { registerHooks } from 'node:module'

/* Breaks one module of a process that imports this, as the environment says. */

const { file, from, to } = JSON.parse(process.env['MUTANT'] ?? '{}')

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context)
    if (!url.endsWith(`/inspector/${file}`)) return loaded
    return { ...loaded, source: String(loaded.source).replace(from, () => to) }
  },
})
