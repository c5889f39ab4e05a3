import { rmSync } from 'node:fs'
import { startScript, statusOf } from './check.ts'
import { explain } from './usage.ts'

explain(`npm run build

Writes to dist/ what the package and the image run: declarations, and the sources bundled with what they import.
A checkout runs its sources and needs no build.`)

rmSync('dist', { recursive: true, force: true })
const status = await statusOf(startScript(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json']))
if (status !== 0) process.exit(status)
await import('./declarations.ts')
await import('./bundle.ts')
