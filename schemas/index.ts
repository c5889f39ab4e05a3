import { updateConfigInfo } from './config.ts'
import { batchAddBackupScope } from './scope.ts'

/** Every operation of the emulated API, by its id. */
export const contracts = { batchAddBackupScope, updateConfigInfo } as const

export type Contracts = typeof contracts
export type OperationId = keyof Contracts
