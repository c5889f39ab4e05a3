import { quoted, visible, visibleJson } from '../../cli/visible.ts'
import { basePath, familyPath } from '../../schemas/common.ts'
import { contracts } from '../../schemas/index.ts'
import type { Operation } from '../../schemas/operation.ts'
import { pathOf } from '../../schemas/operation.ts'
import { statements } from '../../schemas/statements.ts'
import type { Call } from '../target.ts'
import type { Model } from './model.ts'
import type { Mismatch } from './sequence-run.ts'
import type { TracedRequest } from './trace.ts'
import { shortened } from './trace.ts'

/** What a target did not do as a statement says, and how to see it. */
export interface Failure {
  readonly mismatch: Mismatch
  /** For bash, curl and jq. */
  readonly script: string
}

const opening = `# Needs bash, curl and jq.
: "\${KOODRIVE_TARGET:?the address of the target, without ${basePath}}"
: "\${KOODRIVE_TOKEN:?an access token}"
: "\${KOODRIVE_USER:?the id of its user}"

# call METHOD PATH [BODY] [LOCK] makes one call, show prints it in one piece, of takes something out of its answer.
call() {
  REQUEST="$1 $2 $3"
  ANSWER=$(curl -sS -X "$1" "$KOODRIVE_TARGET${familyPath}$2" \\
    -H "Authorization: Bearer $KOODRIVE_TOKEN" -H "X-User-Id: $KOODRIVE_USER" \\
    -H "X-Date: $(date -u +%Y%m%dT%H%M%SZ)" \${4:+-H "x-backup-lock-id: $4"} \\
    \${3:+-H "Content-Type: application/json" -d "$3"})
}
show() { cat <<<"$REQUEST"$'\\n'"$ANSWER"; }
of() { printf '%s' "$ANSWER" | jq -r "$1"; }
CODE=random_$(date +%s)_$$
`

type OwnRequest = Extract<TracedRequest['request'], { call: Call }>

/** Where a value comes from: the variable that holds it. */
type Variables = Map<string, string>

/**
 * A script that makes the same requests, and says what was to come of them. It holds no credentials.
 *
 * @param alone what one client did, or all began with
 * @param together what each of several clients did at the same time
 */
export function scriptOf(
  mismatch: Mismatch,
  model: Model,
  alone: readonly TracedRequest[],
  together: readonly (readonly TracedRequest[])[],
): string {
  const variables: Variables = new Map(model.machineCodes.map((code, index) => [code, `{CODE}_${index + 1}`]))
  const steps = alone.map((exchange, index) => stepOf(exchange, `${index + 1}`, variables))
  const clients = together.map((exchanges, client) => clientOf(exchanges, client + 1, new Map(variables))).join('')
  const { standing, sentence } = statements[mismatch.id]
  const reason = remark(masked(mismatch.message, variables))
  return [
    `#!/usr/bin/env bash\n${remark(`${mismatch.id}, ${standing}: ${sentence}`)}${reason}`,
    opening,
    ...steps,
    ...(clients === '' ? [] : [`${remark('All at once. It may take a few runs to happen.')}${clients}wait\n`]),
    `${reason}${remark('Away with it.')}${tidying(model, variables).join('')}`,
  ].join('\n')
}

const remark = (text: string): string => `# ${visible(shortened(text.replace(/\s+/g, ' ')))}\n`

function clientOf(exchanges: readonly TracedRequest[], client: number, variables: Variables): string {
  const steps = exchanges.map((exchange, index) => stepOf(exchange, `client ${client}, ${index + 1}`, variables))
  return steps.length === 0 ? '' : `(\n${steps.join('\n')}) &\n`
}

/** One request with what was to come of it, and what is taken from its answer for later ones. */
function stepOf(
  { request, expected, answered, captures }: TracedRequest,
  number: string,
  variables: Variables,
): string {
  const command = 'upload' in request ? uploadOf(request, variables) : `${callOf(request, variables)}; show`
  for (const { value, variable } of captures) variables.set(value, variable)
  const taken = captures.map(({ variable, filter }) => `${variable}=$(of '${filter}')\n`)
  const due = remark(`${number}. To be answered: ${expected}. Was answered: ${masked(answered, variables)}`)
  return `${due}${command}\n${taken.join('')}`
}

const chance = /\d{4}-\d\d-\d\dT[\d:.]+Z|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|\d{17,19}/g

/** What differs from run to run by its nature is named by its variable or left out, so that the same seed gives the same. */
const masked = (text: string, variables: Variables): string =>
  [...variables].reduce((rest, [value, name]) => rest.replaceAll(value, `$$${name}`), text).replace(chance, '…')

function callOf({ operation, call }: OwnRequest, variables: Variables): string {
  const contract: Operation = contracts[operation]
  const { params = {}, query = {}, body, lockId } = call
  const text = (value: string) =>
    variables.has(value) ? `$${variables.get(value)}` : encodeURIComponent(value.toWellFormed())
  const filled = pathOf(contract)
    .slice(familyPath.length)
    .replace(/\{(\w+)\}/g, (_, name: string) => text(String(params[name])))
  const pairs = Object.entries(query).map(([name, value]) => `${name}=${text(String(value))}`)
  const words = [
    `call ${contract.method} "${[filled, ...(pairs.length > 0 ? [pairs.join('&')] : [])].join('?')}"`,
    ...(body === undefined && lockId === undefined ? [] : [bodyOf(body, variables)]),
    ...(lockId === undefined ? [] : [variables.has(lockId) ? `"$${variables.get(lockId)}"` : quoted(lockId)]),
  ]
  return words.join(' ')
}

const uploadOf = (request: { readonly upload: string; readonly content: string }, variables: Variables): string =>
  `curl -sS -X PUT "$${variables.get(request.upload)}" --data-raw ${quoted(request.content)}`

/** JSON in single quotes, but for the variables in it. */
function bodyOf(body: unknown, variables: Variables): string {
  if (body === undefined) return "''"
  const json = JSON.stringify(body, (_, value: unknown) => {
    const variable = typeof value === 'string' ? variables.get(value) : undefined
    return variable === undefined ? value : `\u0000${variable}\u0000`
  })
  return quoted(visibleJson(json)).replace(/\\u0000(.+?)\\u0000/g, `'"$$$1"'`)
}

/** Takes away what is there in the end. Records are, where their lock is at hand; locks of several clients end by themselves. */
function tidying({ records, locks, devices }: Model, variables: Variables): string[] {
  const removals = locks
    .filter(({ id, isLive }) => isLive && variables.has(id))
    .flatMap(({ id: lockId, moduleCode }): OwnRequest[] => [
      ...records
        .filter((record) => record.moduleCode === moduleCode && record.status !== 'deleted')
        .map(({ id }): OwnRequest => ({ operation: 'deleteBackupRecord', call: { params: { recordId: id }, lockId } })),
      { operation: 'releaseBackupLock', call: { lockId } },
    ])
  const unbindings = devices
    .filter(({ isBound }) => isBound)
    .map(({ id }): OwnRequest => ({ operation: 'unbindDevice', call: { params: { deviceId: id } } }))
  return [...removals, ...unbindings].map((request) => `${callOf(request, variables)}\n`)
}
