import type { Contracts } from '../../schemas/index.ts'
import { updateConfigInfo } from './config.ts'
import type { Rule } from './rule.ts'
import { batchAddBackupScope } from './scope.ts'

export type Rules = { readonly [Id in keyof Contracts]: Rule<Contracts[Id]> }

/** The rule of every operation; one missing or of the wrong shape does not compile. */
export const rules: Rules = { batchAddBackupScope, updateConfigInfo }
