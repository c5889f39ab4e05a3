import { hash } from 'node:crypto'
import type { NamedParts } from '../../schemas/named-value.ts'
import { valueNamed } from '../../schemas/named-value.ts'
import { batchListOf } from '../../schemas/operation.ts'
import { contractById, unreadOf } from './unread.ts'

/** A finished exchange, while all of it is at hand. */
export interface Observed extends NamedParts {
  /** `uploadPart` for the part of an upload; `null` where no route matched. */
  readonly operation: string | null
  /** As it was sent. */
  readonly bodyText: string
  /** The answer as JSON; `undefined` where it is none. */
  readonly payload: unknown
  /** How a number at the top of the body was written; by default as JavaScript would. */
  readonly numberText?: (name: string, value: number) => string
}

/** What a request named, in path, query or body, in this order; or was sent at the top of a body. */
type SentName = (typeof sentNames)[number]
const sentNames = [
  'deviceId',
  'recordId',
  'fileId',
  'uploadId',
  'part',
  'moduleCode',
  'machineCode',
  'fileName',
  'configName',
  'currentConfigValue',
  'newConfigValue',
  'cursor',
] as const

/** What an answer handed out. */
export interface Given {
  readonly deviceId?: string
  readonly recordId?: string
  readonly lockId?: string
  readonly fileId?: string
  readonly uploadId?: string
  /** Numbers of the parts for which there are links, and of those of them that have a hashCtx. */
  readonly parts?: readonly number[]
  readonly parallel?: readonly number[]
}

/** How the items of an accepted batch fared. */
export interface Items {
  readonly done: number
  readonly failed: readonly { readonly index: number; readonly code: string }[]
  /** By which an item is known again, in the request's order. */
  readonly digests: readonly string[]
}

/** What is noted of an exchange when it is over, for whoever judges, finds or shows it later, when no body is at hand. */
export interface Facts {
  readonly sent: Readonly<Partial<Record<SentName, string>>>
  readonly given: Given
  /** Ids of devices and records in the answer. */
  readonly ids: readonly string[]
  /** Values at the top of the body, as text; what is no text as its JSON. */
  readonly scalars: Readonly<Record<string, string>>
  /** `null` where it was no batch, or was refused. */
  readonly items: Items | null
  /** How many items a list in the answer has; `null` where it has none. */
  readonly listed: number | null
  /** Configuration values in the answer, by name. */
  readonly values: Readonly<Record<string, string>>
  readonly nextCursor: string | null
  /** By which the body is known again; `null` where there was none. */
  readonly digest: string | null
  /** Fields and parameters that no operation reads (DEC-8): `body/…` and `query/…`. */
  readonly unread: readonly string[]
}

/** So much is kept of any one list but that of parts, of which there are 10,000 at most (UPL-3). */
const longestList = 100
/** A longer text is kept as its digest. */
const longestText = 1000
const digestMark = 'sha256:'

/**
 * Notes the facts of an exchange: one pass over what the client sent and was told, before any of it is cut. What they
 * take is bounded, whatever was sent.
 */
export function factsOf(observed: Observed): Facts {
  const { operation, query, body, bodyText, payload } = observed
  const answer = Object(payload)
  const isSuccess = answer.code === 0
  return {
    sent: sentOf(observed),
    given: isSuccess ? givenBy(operation, answer) : {},
    ids: isSuccess ? idsIn(answer.data) : [],
    scalars: scalarsOf(observed),
    items: isSuccess ? itemsOf(operation, body, answer) : null,
    listed: isSuccess ? listedIn(answer) : null,
    values: isSuccess ? valuesIn(answer.data) : {},
    nextCursor: textOrNull(answer.nextCursor),
    digest: bodyText === '' ? null : digestOf(bodyText),
    unread: unreadOf(operation, body, query).map(comparable),
  }
}

/** A text as facts keep it: itself, or its digest where it is long. What is searched for has to be put the same way. */
export const comparable = (text: string): string =>
  text.length > longestText ? `${digestMark}${digestOf(text)}` : text

/** Whether a text that facts keep may be the digest of another one. */
export const isDigest = (kept: string): boolean => kept.startsWith(digestMark)

/** Whether the names at the top of a body are all there; where there are none, it may have been no object at all. */
export function hasAllNames({ scalars }: Facts): boolean {
  const { length } = Object.keys(scalars)
  return length > 0 && length < longestList
}

/** Enough of a hash to know a text again. */
const digestOf = (text: string): string => hash('sha256', text, 'base64url').slice(0, 16)

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

function sentOf(observed: Observed): Facts['sent'] {
  const found = sentNames.flatMap((name) => {
    const value = valueNamed(name, observed)
    return typeof value === 'string' ? [[name, comparable(value)]] : []
  })
  return Object.fromEntries(found)
}

function scalarsOf({ body, numberText }: Observed): Facts['scalars'] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {}
  const writtenOf = (name: string, value: unknown): string => {
    if (typeof value === 'number' && numberText) return numberText(name, value)
    return typeof value === 'object' ? textOfNested(value) : String(value)
  }
  const texts = Object.entries(body)
    .slice(0, longestList)
    .map(([name, value]) => [comparable(name), comparable(writtenOf(name, value))])
  return Object.fromEntries(texts)
}

/** What is nested too deep to be written has no text that anybody could search for. */
function textOfNested(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return ''
  }
}

/** The answers that hand something out: where in them it stands, and under which names. */
const giving: Readonly<Record<string, (answer: Payload) => Given>> = {
  bindDevice: ({ data }) => pick(data, 'deviceId'),
  createBackupLock: ({ data }) => pick(data, 'lockId'),
  createBackupRecord: ({ data }) => pick(data, 'recordId'),
  createBackupFile: (answer) => ({
    ...pick(answer, 'fileId', 'uploadId'),
    ...partsIn(answer),
  }),
  getMultipartUploadUrl: partsIn,
}

type Payload = Readonly<Record<string, unknown>>

function partsIn(answer: Payload): Given {
  const parts = listIn(answer['multiParts']).map((part) => Object(part))
  const parallel = parts.filter(({ hashCtx }) => hashCtx !== undefined).map(({ partNumber }) => Number(partNumber))
  return {
    parts: parts.map(({ partNumber }) => Number(partNumber)),
    ...(parallel.length > 0 ? { parallel } : {}),
  }
}

const givenBy = (operation: string | null, answer: Payload): Given => giving[String(operation)]?.(answer) ?? {}

function pick(value: unknown, ...names: (keyof Given)[]): Given {
  const texts = names.map((name) => [name, Object(value)[name]])
  return Object.fromEntries(texts.filter(([, text]) => typeof text === 'string' && text !== ''))
}

function idsIn(data: unknown): string[] {
  const ids: string[] = []
  for (const item of bounded([data].flat())) {
    for (const { deviceId, recordId } of [Object(item), Object(Object(item).deviceInfo)])
      for (const id of [deviceId, recordId]) if (typeof id === 'string' && id !== '') ids.push(id)
  }
  return ids
}

const bounded = (list: unknown): unknown[] => listIn(list).slice(0, longestList)

const listIn = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Failures name no index; they stand in the request's order, and of two alike it is the first that succeeds. */
function itemsOf(operation: string | null, body: unknown, answer: Payload): Items | null {
  const contract = contractById.get(operation ?? '')
  const list = contract && batchListOf(contract)
  const asked = list && Object(body)[list]
  if (!list || !Array.isArray(asked)) return null
  const digests = asked.map(digestOfItem)
  const left = new Map<string, number>()
  for (const done of listIn(answer[list]).map(digestOfItem)) left.set(done, (left.get(done) ?? 0) + 1)
  const failures = listIn(answer['failedScopeList'])
  const indexes = digests.flatMap((digest, index) => (take(left, digest) ? [] : [index]))
  const failed = indexes.map((index, place) => ({ index, code: String(Object(failures[place]).errorCode) }))
  return { done: asked.length - failed.length, failed, digests }
}

function take(left: Map<string, number>, digest: string): boolean {
  const count = left.get(digest) ?? 0
  left.set(digest, count - 1)
  return count > 0
}

/** An item as answers repeat it: a scope is its two paths, whatever else stands beside them. */
export function digestOfItem(item: unknown): string {
  if (typeof item === 'string') return digestOf(item)
  const { localPath, targetFolderPath } = Object(item)
  return digestOf(JSON.stringify([localPath ?? '', targetFolderPath ?? '']))
}

function listedIn({ data, scopeList }: Payload): number | null {
  const list = data ?? scopeList
  return Array.isArray(list) ? list.length : null
}

function valuesIn(data: unknown): Facts['values'] {
  const configs = bounded([data].flat()).map((item) => Object(item))
  return Object.fromEntries(
    configs
      .filter(({ configValue }) => typeof configValue === 'string')
      .map((one) => [one.configName, one.configValue]),
  )
}
