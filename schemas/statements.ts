import { decisions } from './decisions.ts'
import { facts } from './facts.ts'

/** Every fact and decision by its id: the one place where their text stands. */
export const statements = { ...facts, ...decisions } as const

export type StatementId = keyof typeof statements

declare module '@sinclair/typebox' {
  interface SchemaOptions {
    /** What a schema rests on. Declared here, so that the compiler refuses an id that does not exist. */
    'x-facts'?: readonly StatementId[] | undefined
  }
}
