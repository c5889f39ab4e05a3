import type { Dice } from '../dice.ts'

/** A request as it goes over the wire, all but the framing that it does not bring itself. */
export interface Question {
  readonly method: string
  readonly path: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body?: unknown
}

const limit = 12 * 1024 * 1024

/** The path and what follows it. */
const split = (path: string): [string, string] => {
  const at = path.indexOf('?')
  return at < 0 ? [path, ''] : [path.slice(0, at), path.slice(at)]
}

const hex = (character: string, dice: Dice): string => {
  const code = character.charCodeAt(0).toString(16).padStart(2, '0')
  return `%${dice.chance(0.5) ? code : code.toUpperCase()}`
}

const insert = (text: string, at: number, piece: string): string => text.slice(0, at) + piece + text.slice(at)

const odd = ['%', '%zz', '%2', '%ff', '%C3%BC', '%00', '%2f', '%2F', '%25', '%2561', '%3f', '%23', '%5c', '%2e%2e', '+']
const rawOdd = ['ü', '\u00a0', '€', '😀', ' ', '\t', '#', '"', '<', '\\', '|', '{', '^', '..', '/./', '//', ';', '@']

const encodeOne = (text: string, dice: Dice): string => {
  const at = dice.between(1, Math.max(1, text.length - 1))
  const character = text[at]
  return character === undefined || character === '/'
    ? text
    : text.slice(0, at) + hex(character, dice) + text.slice(at + 1)
}

const pathWays: readonly ((path: string, dice: Dice) => string)[] = [
  encodeOne,
  (path, dice) => encodeOne(encodeOne(encodeOne(path, dice), dice), dice),
  (path, dice) => encodeOne(path, dice).replace('%', '%25'),
  (path, dice) => insert(path, dice.between(1, path.length), dice.pick(odd)),
  (path, dice) => insert(path, dice.between(1, path.length), dice.pick(rawOdd)),
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path, dice) => {
    const slashes = [...path.matchAll(/\//g)].map(({ index }) => index)
    return insert(path, dice.pick(slashes), '/')
  },
  (path) => path.replace(/[^/]+$/, ''),
  (path) => path.replace(/\/[^/]+$/, ''),
  (path, dice) => {
    const pieces = path.split('/')
    const at = dice.between(1, pieces.length - 1)
    return pieces.with(at, '').join('/')
  },
  (path, dice) => path.replace(/[a-z]+/g, (word) => (dice.chance(0.2) ? word.toUpperCase() : word)),
  (path, dice) => path.replace('/koodrive', dice.pick(['', '/koodrive/koodrive', '/kooDrive', '/koodrive%20'])),
  (path, dice) => `${dice.pick(['http://host', 'http://', 'https://a:b@c:1', 'HTTP://[::1]', 'x+y://h'])}${path}`,
  (path, dice) =>
    dice.pick([`/_emul%61tor${path}`, '/_emulator/worlds', '/_emul%61tor/worlds', `/_upload${path}`, '/']),
]

const queryWays: readonly ((query: string, dice: Dice) => string)[] = [
  (query, dice) =>
    `${query || '?'}&${dice.pick(['a=%zz', '%zz=a', '%', '=', '&&', 'a', '=b', '%ff', 'moduleCode=100'])}`,
  (query, dice) => encodeOne(query, dice),
  (query, dice) => insert(query, dice.between(Math.min(1, query.length), query.length), dice.pick(odd)),
  (query, dice) => insert(query, dice.between(Math.min(1, query.length), query.length), dice.pick(rawOdd)),
  (query, dice) => query.replace(/=[^&]*/, dice.pick(['=', '', '=+', '=%20', '=1e2', '=null', '=01'])),
  (query) => query.replace('?', '??'),
  (query) => query.replace('?', '%3f'),
  (query) => `${query}${query.replace('?', '&')}`,
  () => '',
  () => '?',
]

const types = [
  'text/plain',
  'application/json; charset=utf-8',
  'APPLICATION/JSON',
  'application/json\t;x',
  'application/jsonx',
  'application/json, text/plain',
  'application/json\u00a0',
  '',
  ';',
  'multipart/form-data; boundary=x',
  'application/x-www-form-urlencoded',
]

const strangeValues = ['', ' ', '\u00a0', '\t', 'a\tb', ' x ', 'é', '€', '"', 'x'.repeat(9000), '\u0000', 'a\u007fb']

const strangeHeaders: readonly (readonly [string, string])[] = [
  ['Host', ''],
  ['Host', 'a:b:c'],
  ['Host', '[::1]:4020'],
  ['Host', 'ü'],
  ['Expect', '100-continue'],
  ['Expect', 'x'],
  ['Connection', 'close'],
  ['Connection', 'upgrade'],
  ['Upgrade', 'websocket'],
  ['Transfer-Encoding', 'gzip'],
  ['Transfer-Encoding', 'chunked'],
  ['Content-Encoding', 'gzip'],
  ['Content-Encoding', 'identity'],
  ['Content-Range', 'bytes 0-1/2'],
  ['Content-Length', '-1'],
  ['Content-Length', '1'],
  ['Origin', 'http://elsewhere'],
  ['Sec-Fetch-Site', 'cross-site'],
  ['Access-Control-Request-Method', 'POST'],
  ['a b', 'c'],
  ['ü', 'c'],
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Cookie', 'a=b'],
  ['x-traceid', 'trace'],
  ['x-traceid', ''],
]

const worldNames = [
  'any',
  'known',
  'frozen',
  'unkind',
  'default',
  'new-1',
  'new-2',
  'new-3',
  'a b',
  'ü',
  '',
  'x'.repeat(70),
]

const bodies: readonly unknown[] = [
  '',
  '{}',
  '{',
  '[]',
  'null',
  null,
  '"a"',
  'x',
  '\u001f\u008b\u0000',
  '{"__proto__":1}',
]

type Way = (question: Question, dice: Dice) => Question

const headerWays: readonly Way[] = [
  (one, dice) => ({ ...one, headers: one.headers.toSpliced(dice.below(one.headers.length + 1), 1) }),
  (one, dice) => {
    if (one.headers.length === 0) return one
    const at = dice.below(one.headers.length)
    const [name, value] = one.headers[at] ?? ['', '']
    const strange = dice.pick(strangeValues)
    const spoilt = dice.pick([strange, `${strange}${value}`, `${value}${strange}`, value.slice(1), value.slice(0, -1)])
    return { ...one, headers: one.headers.with(at, [name, spoilt]) }
  },
  (one, dice) => {
    if (one.headers.length === 0) return one
    const [name, value] = dice.pick(one.headers)
    const again = dice.pick([name, name.toLowerCase(), name.toUpperCase()])
    return { ...one, headers: [...one.headers, [again, dice.pick([value, 'Bearer other', ''])]] }
  },
  (one, dice) => ({ ...one, headers: [...one.headers, dice.pick(strangeHeaders)] }),
  (one, dice) => ({ ...one, headers: [...one.headers, ['Content-Type', dice.pick(types)]] }),
  (one, dice) => ({ ...one, headers: [...one.headers, ['X-Emulator-World', dice.pick(worldNames)]] }),
]

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'NONSENSE']

const ways: readonly Way[] = [
  (one, dice) => ({ ...one, method: dice.pick(methods) }),
  (one, dice) => ({ ...one, body: dice.pick(bodies) }),
  (one) => ({ ...one, body: `\ufeff${typeof one.body === 'string' ? one.body : JSON.stringify(one.body ?? {})}` }),
  (one, dice) => {
    const text = typeof one.body === 'string' ? one.body : JSON.stringify(one.body ?? {})
    const at = dice.below(text.length + 1)
    return {
      ...one,
      body: dice.pick([text.slice(0, at), insert(text, at, dice.pick(['\u0000', '"', 'ü', '\\ud800']))]),
    }
  },
  (one, dice) => {
    const [path, query] = split(one.path)
    return { ...one, path: dice.pick(pathWays)(path, dice) + query }
  },
  (one, dice) => {
    const [path, query] = split(one.path)
    return { ...one, path: path + dice.pick(queryWays)(query, dice) }
  },
  (one, dice) => {
    const name = encodeURIComponent(dice.pick(worldNames))
    const prefix = dice.pick([
      `/worlds/${name}`,
      `/worlds/${name}`,
      '/worlds/%61ny',
      `/w%6frlds/${name}`,
      '/worlds',
      '/worlds//',
    ])
    return { ...one, path: prefix + one.path }
  },
  (one, dice) => dice.pick(headerWays)(one, dice),
  (one, dice) => dice.pick(headerWays)(one, dice),
]

/** The request with something about it changed, for the worse more often than not. */
export const spoilt: Way = (question, dice) => dice.pick(ways)(question, dice)

/** The same with a body about as long as the longest that is taken. */
export function enlarged(question: Question, dice: Dice): Question {
  const frame = '{"moduleCode":"100","ignored":""}'
  const length = limit + dice.pick([-1, 0, 1])
  return { ...question, body: frame.replace('""', `"${'x'.repeat(length - frame.length)}"`) }
}
