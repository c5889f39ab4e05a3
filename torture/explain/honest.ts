import fc from 'fast-check'
import { basePath } from '../../schemas/common.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import type { Dice } from '../dice.ts'
import { valueFor } from '../hostile/arbitraries.ts'
import type { Props } from './stage.ts'

/** A request whose world, user and credential are still to be chosen. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly lockId?: string
  readonly body?: unknown
}

const modules = ['100', '101', '102']

/** Values of parameters and fields that mostly are good. */
const values: Readonly<Record<string, (props: Props, dice: Dice) => unknown>> = {
  deviceId: ({ devices }, dice) => dice.pick(devices),
  recordId: ({ records }, dice) => dice.pick(records),
  moduleCode: (_, dice) => dice.pick(modules),
  configName: () => 'backend_backup_switch',
  currentConfigValue: ({ values }, dice) => dice.pick(values),
  newConfigValue: (_, dice) => `v${dice.below(5)}`,
  pageSize: (_, dice) => dice.pick([1, 1, 2, 100]),
  cursor: ({ cursors }, dice) => dice.pick(cursors),
  machineCode: (_, dice) => `M${dice.below(4)}`,
  scopeList: (_, dice) => Array.from({ length: dice.between(1, 3) }, () => ({ localPath: `/${dice.below(9)}` })),
  scopeIdList: ({ scopes }, dice) => [dice.pick(scopes)],
  fileName: (_, dice) => `f${dice.below(9)}`,
  parentFolder: () => ['root'],
  sha256: () => 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  length: () => 0,
  fileType: (_, dice) => dice.below(3),
}

/** What only sometimes is there. */
const optional = new Set(['cursor', 'parentFolder', 'sha256', 'length', 'fileType'])

function partsOf(schema: Operation['query'], props: Props, dice: Dice): Record<string, unknown> {
  const names = Object.keys(schema?.properties ?? {}).filter((name) => !optional.has(name) || dice.chance(0.3))
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = values[name]?.(props, dice)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

const operations: readonly Operation[] = Object.values(contracts)
/** What the contracts allow, nearly allow, and do not, drawn ahead. */
const wild = new Map<Operation, unknown[]>()

/** Draws what is to stand where an honest body would. */
export function drawBodies(seed: number, count: number): void {
  for (const operation of operations)
    if (operation.body) wild.set(operation, fc.sample(valueFor(operation.body), { seed, numRuns: count }))
}

/** A request of any operation, or of an upload, as a client would send it; the body perhaps another. */
export function anyAsked(props: Props, dice: Dice): Asked {
  if (dice.chance(0.08)) return { method: 'PUT', path: dice.pick(props.uploads), body: dice.pick(['', 'bytes']) }
  const operation = dice.pick(operations)
  const { method, path, params, query, body, lock } = operation
  const given = partsOf(params, props, dice)
  const pairs = Object.entries(partsOf(query, props, dice)).map(([name, value]) => `${name}=${value}`)
  const filled = basePath + path.replace(/\{(\w+)\}/g, (_, name) => String(given[name]))
  const strange = dice.chance(0.2) ? wild.get(operation) : undefined
  const sent = body && (strange ? dice.pick(strange) : partsOf(body, props, dice))
  return {
    method,
    path: pairs.length > 0 ? `${filled}?${pairs.join('&')}` : filled,
    ...(lock ? { lockId: dice.pick(props.locks) } : {}),
    ...(sent === undefined ? {} : { body: sent }),
  }
}
