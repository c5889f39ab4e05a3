import { decisions } from './decisions.ts'
import { facts } from './facts.ts'

/** Every fact and decision by its id: the one place where their text stands. */
export const statements = { ...facts, ...decisions } as const

export type StatementId = keyof typeof statements
