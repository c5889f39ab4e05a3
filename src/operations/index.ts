import type { Contracts } from '../../schemas/index.ts'
import * as config from './config.ts'
import * as device from './device.ts'
import * as file from './file.ts'
import * as lock from './lock.ts'
import * as record from './record.ts'
import type { Rule } from './rule.ts'
import * as scope from './scope.ts'

export type Rules = { readonly [Id in keyof Contracts]: Rule<Contracts[Id]> }

/** The rule of every operation; one missing or of the wrong shape does not compile. */
export const rules: Rules = { ...config, ...device, ...file, ...lock, ...record, ...scope }
