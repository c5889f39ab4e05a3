import { homepage, name } from '../process/package.ts'

/** A part of the document; its form is held by an independent validator. */
export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The values of an object changed, its keys kept. */
export const mapValues = <From, To>(record: Readonly<Record<string, From>>, change: (value: From, key: string) => To) =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)])) as Record<string, To> // as changed

/** Whose a document is, and on what terms. */
export const origin = {
  contact: { name, url: homepage },
  license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
} as const

/** A document as text, as it is served, printed and committed. */
export const textOf = (document: Json): string => `${JSON.stringify(document, null, 2)}\n`
