import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pageAt, savedFiles, textsOf } from '../test/fixtures/documents.ts'
import type { Place } from './place.ts'

const pageOf = (page: string): string => pageAt(`docs/tests/${page}.md`).text

/** The blocks of a page in this language; there is at least one. */
export function codesOf(page: string, language: string): [string, ...string[]] {
  const [code, ...others] = textsOf(pageOf(page), language)
  if (code === undefined) throw new Error(`docs/tests/${page}.md has no ${language}`)
  return [code, ...others]
}

/** The command that the page gives to run its files; none where a pipeline runs them. */
const commandOf = (page: string): string => textsOf(pageOf(page), 'sh').at(-1) ?? ''

/** The same without the emulator that it starts. */
export const withoutExec = (command: string): string => command.replace(/^npx .* exec -- /, '')

/** Saves the page's files in a folder of its own, as the page says. */
export function save(place: Place, page: string): Place & { readonly command: string } {
  const folder = join(place.folder, page)
  for (const { name, code } of savedFiles(pageAt(`docs/tests/${page}.md`))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), code)
  }
  return { ...place, folder, command: commandOf(page) }
}
