import type { OperationId } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { Rules } from '../operations/index.ts'
import type { Rule } from '../operations/rule.ts'
import { failingItems } from './items.ts'
import { unkindly } from './unkind.ts'

/** The same rules, with what may be done to their requests and answers from outside. None of them knows. */
export function interceptRules(rules: Rules): Rules {
  const entries = Object.entries(rules).map(([id, rule]) => {
    const name = id as OperationId // the rules are those of the contracts
    return [id, unkindly(name, failingItems(name, rule as Rule<Operation>))] // any rule is a function of its own request
  })
  return Object.fromEntries(entries)
}
