import type { JsonNode } from './json-tree.ts'

export interface Piece {
  readonly kind: 'key' | 'string' | 'number' | 'literal' | 'punctuation'
  readonly text: string
}

/** One line of JSON that is printed, and where in the value it stands. */
export interface JsonLine {
  readonly depth: number
  readonly pieces: readonly Piece[]
  /** Names and indexes on the way to it, each with a slash before it; empty for the whole. */
  readonly pointer: string
  /** Of a line that opens an object or an array, the line that closes it. */
  readonly end: number | null
}

const indent = '  '

/** A value as lines that are indented by two; joined, they are what `JSON.stringify` prints of it. */
export function linesOf(root: JsonNode): JsonLine[] {
  const lines: { depth: number; pieces: Piece[]; pointer: string; end: number | null }[] = []
  const add = (depth: number, pieces: Piece[], pointer: string): number =>
    lines.push({ depth, pieces, pointer, end: null }) - 1
  const print = (node: JsonNode, depth: number, before: Piece[], comma: Piece[], pointer: string): void => {
    const inner = innerOf(node)
    if (inner === undefined || inner.parts.length === 0) {
      add(depth, [...before, leafOf(node, inner), ...comma], pointer)
      return
    }
    const [open, close] = inner.brackets
    const first = add(depth, [...before, punctuation(open)], pointer)
    for (const [index, { label, name, value }] of inner.parts.entries()) {
      const isLast = index === inner.parts.length - 1
      print(value, depth + 1, label, isLast ? [] : [punctuation(',')], `${pointer}/${name}`)
    }
    const last = add(depth, [punctuation(close), ...comma], pointer)
    lines[first] = { ...lines[first], end: last } as (typeof lines)[number] // it was added just now
  }
  print(root, 0, [], [], '')
  return lines
}

const punctuation = (text: string): Piece => ({ kind: 'punctuation', text })

interface Inner {
  readonly brackets: readonly [string, string]
  readonly parts: readonly { readonly label: Piece[]; readonly name: string; readonly value: JsonNode }[]
}

function innerOf(node: JsonNode): Inner | undefined {
  if (node.kind === 'array') {
    return {
      brackets: ['[', ']'],
      parts: node.items.map((value, index) => ({ label: [], name: String(index), value })),
    }
  }
  if (node.kind !== 'object') return undefined
  const parts = node.members.map(({ keyText, key, value }) => ({
    label: [{ kind: 'key', text: keyText } as const, punctuation(': ')],
    name: key,
    value,
  }))
  return { brackets: ['{', '}'], parts }
}

const leafOf = (node: JsonNode, inner: Inner | undefined): Piece =>
  node.kind === 'array' || node.kind === 'object'
    ? punctuation(String(inner?.brackets.join('')))
    : { kind: node.kind, text: node.text }

/** A line as text. */
export const textOfLine = ({ depth, pieces }: JsonLine): string =>
  `${indent.repeat(depth)}${pieces.map(({ text }) => text).join('')}`

/** What is said about a place in a body. */
export interface Mark {
  readonly kind: 'refused' | 'unread' | 'failed'
  readonly pointer: string
  readonly note: string
}

/**
 * Which marks stand at which line: each at the line that its pointer leads to; one that leads to nothing, because it is
 * missing, at what it is missing in.
 */
export function placed(lines: readonly JsonLine[], marks: readonly Mark[]): Map<number, Mark[]> {
  const at = new Map<number, Mark[]>()
  for (const mark of marks) {
    const index = lineOf(lines, mark.pointer)
    at.set(index, [...(at.get(index) ?? []), mark])
  }
  return at
}

function lineOf(lines: readonly JsonLine[], pointer: string): number {
  const index = lines.findIndex((line) => line.pointer === pointer)
  return index >= 0 ? index : lineOf(lines, pointer.slice(0, pointer.lastIndexOf('/')))
}
