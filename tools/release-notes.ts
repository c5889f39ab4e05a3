import { readFileSync } from 'node:fs'
import { explain } from './usage.ts'

/**
 * What a changelog says of a version.
 *
 * @throws Error where it says nothing of it
 */
export function notesOf(changelog: string, version: string): string {
  const lines = changelog.split('\n')
  const start = lines.findIndex((line) => line.startsWith(`## [${version}]`))
  const end = lines.findIndex((line, index) => index > start && line.startsWith('## ['))
  const notes = start < 0 ? '' : lines.slice(start + 1, end < 0 ? lines.length : end).join('\n')
  if (notes.trim() === '') throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return `${notes.trim()}\n`
}

/**
 * The notes of a release.
 *
 * @param tag which has to be the version that is packed, behind a `v`
 */
export function releaseNotes(tag: string): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  if (tag !== `v${version}`)
    throw new Error(`the tag is ${tag}, but package.json says ${version}: v${version} is right`)
  return notesOf(readFileSync('CHANGELOG.md', 'utf8'), version)
}

if (import.meta.main) {
  explain(
    `npm run -s release:notes -- TAG

Prints what the changelog says of the version that TAG, such as v1.2.3, stands for. Exit status 1 where that is not the
version of package.json, or the changelog says nothing of it.`,
    1,
  )
  const [, , tag = 'not given'] = process.argv
  try {
    process.stdout.write(releaseNotes(tag))
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`) // nothing else is thrown
    process.exitCode = 1
  }
}
