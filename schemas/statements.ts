import { decisions } from './decisions.ts'
import { facts } from './facts.ts'

/** Every fact and decision by its id: the one place where their text stands. */
export const statements = { ...facts, ...decisions } as const

export type StatementId = keyof typeof statements

export const isStatement = (id: string): id is StatementId => Object.hasOwn(statements, id)

/** What a reason rests on: the ids in brackets, as in `[CFG-2 DEC-5]`. */
export const citedIn = (reason: string | null): StatementId[] =>
  [...(reason ?? '').matchAll(/\[([A-Z]+-\d+(?: [A-Z]+-\d+)*)\]/g)]
    .flatMap(([, ids = '']) => ids.split(' '))
    .filter(isStatement)

declare module '@sinclair/typebox' {
  interface SchemaOptions {
    /** What a schema rests on. Declared here, so that the compiler refuses an id that does not exist. */
    'x-facts'?: readonly StatementId[] | undefined
  }
}
