import { effects, timings } from '../../schemas/control-faults.ts'
import { contracts } from '../../schemas/index.ts'
import type { CatalogueView } from '../../schemas/inspector.ts'
import type { Operation } from '../../schemas/operation.ts'
import { batchListOf, pathOf } from '../../schemas/operation.ts'
import { statements } from '../../schemas/statements.ts'
import type { Catalogue } from '../errors.ts'
import { gatewayCodes } from '../intercept/gateway.ts'
import { reviewRules } from '../review/rules.ts'
import { namesDevice } from './fault-check.ts'

/** What the emulator knows beside any world, as it is shown. */
export const catalogueView = (version: string, errors: Catalogue): CatalogueView => ({
  version,
  operations: Object.values<Operation>(contracts).map((contract) => ({
    id: contract.id,
    method: contract.method,
    path: pathOf(contract),
    summary: contract.summary,
    standing: contract.standing,
    facts: [...contract.facts],
    lock: contract.lock === true,
    namesDevice: namesDevice(contract.id),
    hasBody: contract.body !== undefined,
    items: batchListOf(contract) ?? null,
  })),
  errors: Object.entries(errors).map(([key, { status, code, msg }]) => ({ key, status, code, msg })),
  gateway: Object.entries(gatewayCodes).map(([code, { status, message }]) => ({ code, status, message })),
  effects,
  timings,
  statements,
  rules: reviewRules.map(({ rule, title, message, facts }) => ({ rule, title, message, facts: [...facts] })),
})
