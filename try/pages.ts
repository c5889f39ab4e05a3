import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textsOf } from '../test/fixtures/documents.ts'
import { root } from '../test/fixtures/process.ts'
import type { Place } from './place.ts'

const pageOf = (page: string): string => readFileSync(join(root, 'docs', `${page}.md`), 'utf8')

/** The file that a page shows: its first block of this language. */
export function codeOf(page: string, language: string): string {
  const [code] = textsOf(pageOf(page), language)
  if (code === undefined) throw new Error(`docs/${page}.md has no ${language}`)
  return code
}

/** The name under which the page says to save it. */
function nameOf(page: string): string {
  const [, name] = /^Save this as `([^`]+)`/m.exec(pageOf(page)) ?? []
  if (name === undefined) throw new Error(`docs/${page}.md does not say how to save its file`)
  return name
}

/** The command that the page gives to run it, without the address that it shows. */
function commandOf(page: string): string {
  const command = textsOf(pageOf(page), 'sh').at(-1)
  if (command === undefined) throw new Error(`docs/${page}.md has no command`)
  return command.replace(/^KOODRIVE_URL=\S+ /, '')
}

/** Saves the page's file in a folder of its own, as the page says. */
export function save(place: Place, page: string, language: string): Place & { readonly command: string } {
  const folder = join(place.folder, page)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, nameOf(page)), codeOf(page, language))
  return { ...place, folder, command: commandOf(page) }
}
