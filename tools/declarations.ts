import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/*
 * Keeps of the declarations that the compiler wrote only those that the public ones lead to: the rest would be offered to
 * whoever imports the package, and nobody could keep what it promises.
 */

const folder = resolve('dist')
const kept = new Set<string>()

function keep(file: string): void {
  if (kept.has(file)) return
  kept.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/\b(?:from|import\()\s*['"](\.[^'"]+)\.[jt]s['"]/g)
  for (const [, target = ''] of imports) keep(join(dirname(file), `${target}.d.ts`))
}

for (const entry of ['src/index.d.ts', 'gauntlet/index.d.ts']) keep(join(folder, entry))
const written = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
for (const file of written.filter((name) => name.endsWith('.d.ts') && !kept.has(name))) rmSync(file)
