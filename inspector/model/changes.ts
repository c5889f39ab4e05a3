import type { Change } from '../../schemas/change.ts'
import { counted } from './wording.ts'

/** One property of something that was changed. */
export interface ChangedField {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
  readonly isSame: boolean
}

const isEmpty = (value: unknown): boolean => value === null || value === ''

/** Of what was added or removed all that is not empty, of what was changed what differs. */
export function fieldsOf({ before, after }: Pick<Change, 'before' | 'after'>): ChangedField[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  const fields = names.map((name) => {
    const [was, is] = [before?.[name] ?? null, after?.[name] ?? null]
    return { name, before: was, after: is, isSame: JSON.stringify(was) === JSON.stringify(is) }
  })
  const isWhole = before === null || after === null
  return fields.filter((field) => (isWhole ? !isEmpty(field.before) || !isEmpty(field.after) : !field.isSame))
}

export const changeWords: Readonly<Record<Change['change'], { readonly sign: string; readonly tone: string }>> = {
  added: { sign: '+', tone: 'accepted' },
  changed: { sign: '~', tone: 'partial' },
  removed: { sign: '−', tone: 'refused' },
}

/** How many of each kind: `2 scopes added, 1 lock changed`. */
export function summed(changes: readonly Change[]): string {
  const counts = new Map<string, number>()
  for (const { entity, change } of changes) {
    const key = `${entity} ${change}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const parts = [...counts].map(([key, count]) => {
    const [entity, change] = key.split(' ')
    return `${count} ${entity}${count === 1 ? '' : 's'} ${change}`
  })
  return parts.join(', ')
}

/** What is to be said of rows that were written beside the changes that are shown; empty where that is nothing. */
export function besideChanges(changes: number, rowsWritten: number): string {
  const rows = counted(rowsWritten - changes, changes > 0 ? 'more row' : 'row')
  if (rowsWritten === 0) return 'It changed nothing: 0 rows were written.'
  if (changes === 0) return `It changed nothing: it wrote ${rows} with the same content.`
  return rowsWritten > changes ? `It wrote ${rows}: a counter, as of versions, or the same content again.` : ''
}

/** A change by what it is known, to find the row that it is about. */
export const keyOf = (entity: string, key: Readonly<Record<string, string>>): string =>
  [
    entity,
    ...Object.keys(key)
      .toSorted()
      .map((name) => `${name}=${key[name]}`),
  ].join(' ')

/** A value of a field as it is read: text without quotes, all else as JSON. */
export const shown = (value: unknown): string =>
  isEmpty(value) ? 'none' : typeof value === 'string' ? value : JSON.stringify(value)
