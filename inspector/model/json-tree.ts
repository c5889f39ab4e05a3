/** JSON as it was written: numbers with their digits, keys in their order, one that stands there twice twice. */
export type JsonNode =
  | { readonly kind: 'string' | 'number' | 'literal'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: readonly Member[] }

interface Member {
  /** As written, in its quotes. */
  readonly keyText: string
  readonly key: string
  readonly value: JsonNode
}

const token = /\s*(?:("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null)|([[\]{},:]))/gy

/** Deeper than anybody reads, and than a stack bears. */
const deepest = 500

/** Reads a text that is JSON. @returns `undefined` where it is none, or nested too deep to be shown */
export function readJson(text: string): JsonNode | undefined {
  if (!isJson(text)) return undefined
  const reader = new Reader(text)
  const root = reader.value(0)
  return reader.isTooDeep ? undefined : root
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Of a text that is known to be sound, so that nothing has to be checked twice. */
class Reader {
  readonly #tokens: Iterator<RegExpMatchArray>
  isTooDeep = false
  #next: string

  constructor(text: string) {
    this.#tokens = text.matchAll(token)
    this.#next = this.#read()
  }

  value(depth: number): JsonNode {
    if (depth > deepest) this.isTooDeep = true
    const text = this.#take()
    if (this.isTooDeep) return { kind: 'literal', text: '' }
    if (text === '[') return { kind: 'array', items: this.#list(']', () => this.value(depth + 1)) }
    if (text === '{') return { kind: 'object', members: this.#list('}', () => this.#member(depth + 1)) }
    if (text.startsWith('"')) return { kind: 'string', text }
    return { kind: /^[tfn]/.test(text) ? 'literal' : 'number', text }
  }

  #member(depth: number): Member {
    const keyText = this.#take()
    this.#take() // the colon
    return { keyText, key: String(JSON.parse(keyText)), value: this.value(depth) }
  }

  #list<Item>(end: string, read: () => Item): Item[] {
    const items: Item[] = []
    while (this.#next !== end && !this.isTooDeep) {
      items.push(read())
      if (this.#next === ',') this.#take()
    }
    this.#take()
    return items
  }

  #take(): string {
    const taken = this.#next
    this.#next = this.#read()
    return taken
  }

  #read(): string {
    return this.#tokens.next().value?.[0].trimStart() ?? ''
  }
}
