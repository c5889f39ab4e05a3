import { existsSync, readFileSync } from 'node:fs'

/** The folder that holds package.json, whether this runs as source or compiled into dist/. */
const root = ['../', '../../']
  .map((up) => new URL(up, import.meta.url))
  .find((url) => existsSync(new URL('package.json', url)))

/** A file that comes with the package. */
export const packageFile = (path: string): URL => new URL(path, root)

/** The emulator's own version. */
export const version: string = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')).version
