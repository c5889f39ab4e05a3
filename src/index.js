// What the package is when imported: the bundle, behind a look at the Node that imports it.
import './process/refuse-old-node.js'

export * from '../dist/src/index.js'
