import { readFileSync } from 'node:fs'

/** The folder that holds package.json: as far up from here as from the bundle in dist/src/. */
const root = new URL('../../', import.meta.url)

/** A file that comes with the package. */
export const packageFile = (path: string): URL => new URL(path, root)

/** The emulator's own name and version, and where it lives. */
export const { name, version, homepage }: { readonly [Key in 'name' | 'version' | 'homepage']: string } = JSON.parse(
  readFileSync(packageFile('package.json'), 'utf8'),
)
