// What the gauntlet is when imported: the bundle, behind a look at the Node that imports it.
import '../src/process/refuse-old-node.js'

export * from '../dist/gauntlet/index.js'
