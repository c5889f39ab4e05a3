import { randomUUID } from 'node:crypto'

/** A sign that no world's name has. */
const sign = '~'
const suffix = '.kwa'

/** Some file systems take A and a for one. */
const written = (name: string): string => name.replace(/[A-Z]/g, (letter) => `${sign}${letter.toLowerCase()}`)
const read = (text: string): string => text.replace(/~([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** What the files of a world are called: parked, being taken up, parked once more by another process, being written. */
export const namesOf = (name: string) => ({
  parked: `${written(name)}${suffix}`,
  taken: `${written(name)}${suffix}${sign}taken`,
  beside: `${written(name)}${suffix}${sign}beside`,
  part: `${written(name)}${suffix}${sign}${randomUUID()}`,
})

/** Whether a file is still being written, or was when its process ended. */
export const isUnfinished = (file: string): boolean => /\.kwa~[0-9a-f-]{36}$/.test(file)

/** The world that a file holds; `undefined` for one that holds none that is parked. */
export function nameIn(file: string): string | undefined {
  const [, text] = /^((?:~[a-z]|[a-z0-9._-])+)\.kwa$/.exec(file) ?? []
  return text === undefined ? undefined : read(text)
}
