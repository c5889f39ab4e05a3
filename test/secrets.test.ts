import fc from 'fast-check'
import t from 'tap'
import { redactionFor } from '../src/http/secrets.ts'
import { driven } from './fixtures/client.ts'

const secret = 'sEcretT0kenQ7vXw2LzR9'
const own = redactionFor(['Authorization', `Bearer ${secret}`])
const others = redactionFor(['Authorization', 'Bearer another-than-it'])
const percent = (text: string) => [...text].map((letter) => `%${letter.charCodeAt(0).toString(16)}`).join('')

t.test('a credential is hidden in every way that it may be written in', (t) => {
  for (const text of [
    secret,
    percent(secret),
    percent(secret).replaceAll('%', '%25'),
    `"${secret.replace('s', '\\u0073')}"`,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    Buffer.from(secret, 'utf16le').toString('latin1'),
    Buffer.from(secret, 'utf16le').swap16().toString('latin1'),
    Buffer.from(`user:${secret} and more`).toString('base64'),
  ]) {
    t.match(own.text(`a ${text} b`), 'sha256:', text)
    t.notMatch(own.text(`a ${text} b`), text)
  }
  t.end()
})

/** The ways in which one character may be written. */
const ways: readonly ((character: string) => string)[] = [
  (character) => character,
  (character) => `\\${character}`,
  (character) => [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  (character) =>
    [...Buffer.from(character)].map((byte) => `%2525${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
]

t.test('a credential of any length is hidden, each of its characters written in a way of its own', (t) => {
  const letter = fc.constantFrom(...'abcXYZ0189-._~+/=%"\u00e9')
  const written = fc.tuple(letter, fc.nat({ max: ways.length - 1 }))
  fc.assert(
    fc.property(fc.array(written, { minLength: 12, maxLength: 60 }), fc.constantFrom(1, 90), (some, times) => {
      const all = Array.from({ length: times }, () => some).flat()
      const credential = `k${all.map(([character]) => character).join('')}k`
      const text = `k${all.map(([character, way]) => ways[way]?.(character)).join('')}k`
      const shown = redactionFor(['Cookie', credential]).text(`a \\n, "b":"${text}\\" %20`)
      t.match(shown, /^a \\n, "b":"sha256:[0-9a-f]{12}\\" %20$/)
    }),
    { numRuns: 200 },
  )
  t.end()
})

t.test('nothing that is sent is too long to be looked through', async (t) => {
  const { send, journal } = await driven(t)
  const long = `Bearer ${'x'.repeat(14_000)}`
  const path = `/device/a%20b%2f${'x'.repeat(100)}/scope`
  t.equal((await send({ path, headers: { authorization: long }, body: '{"moduleCode":"\\u0031"}' })).status, 401)
  for (const half of ['"token":"', '"token":"\\\\', '"a":"%3ftoken=', '"a":"?token='])
    t.equal((await send({ body: `{${half}${'a'.repeat(11_000_000)}"}` })).status, 400, half)
  const kept = JSON.stringify(await journal(5))
  t.notMatch(kept, /x{200}|a{20}/)
  t.match(kept, 'sha256:')
})

t.test('what its name says is a secret is hidden wherever parameters and properties stand', (t) => {
  for (const text of [
    `/device?access_token=${secret}&a=b`,
    `/device?a=b&refresh_token=${secret}`,
    `/device?%61ccess%5ft%6fken=${secret}`,
    `token=${secret}`,
    `http://a/?u=http%3A%2F%2Fb%3Fa%3Db%26access_token%3D${secret}%26c=d`,
    `http://a/?u=http%3A%2F%2Fb%3Faccess_token%3D${secret}`,
    `http://a/?u=http://b/?access_token=${secret}`,
    `https://bucket/key?X-Amz-Signature=${secret}`,
    `{"clientSecret":"${secret}"}`,
    `{"a":1,"refresh_token" : "${secret}`,
    `/device?$token=${secret}`,
    `/device?user[token]=${secret}`,
    `/device?user%5Btoken%5D%5B0%5D=${secret}`,
    `/device?%20token=${secret}`,
    `/device?a=b#token=${secret}`,
    `http://a/?u=http%3A%2F%2Fb%23token%3D${secret}`,
    `http://a/?u=http%3A%2F%2Fb%3Ftoken%3Da%2526${secret}`,
    `{"path":"token=${secret}"}`,
    `{"user[token]":"${secret}"}`,
    `{"body":"{\\"token\\":\\"${secret}\\"}"}`,
    `{"headers":{"Authorization":"Bearer ${secret}"}}`,
    `{"headers":{"Cookie":["${secret}"]}}`,
    `{"password":["${secret}"],"a":1}`,
    `{"token":{"value":"}${secret}`,
    `/device?password=a;${secret}`,
    `/device?password=a"${secret}`,
    `/device?password=a?b=${secret}`,
    `client_secret=abc"${secret}&a=b`,
    `{"a":"token=b\\"${secret}"}`,
    `a=b; token=${secret}`,
    `a\ntoken=${secret}`,
    `http://user:${secret}@host/path`,
    `{"password":"${secret}\\`,
  ]) {
    t.match(others.text(text), 'sha256:', text)
    t.notMatch(others.text(text), secret)
  }
  for (const [text, shown] of [
    ['a?u=b%3Ftoken%3Dabcdef%26c=d', 'a?u=b%3Ftoken%3D#%26c=d'],
    ['{"a":"token=abcdef","b":1}', '{"a":"token=#","b":1}'],
    ['{"a":"{\\"token\\":\\"b\\\\\\"c\\",\\"d\\":1}"}', '{"a":"{\\"token\\":\\"#\\",\\"d\\":1}"}'],
    ['{"a":"{\\"token\\":1234}"}', '{"a":"{\\"token\\":\\"#\\"}"}'],
    ['{"a":"{\\"token\\":\\"abc","b":1}', '{"a":"{\\"token\\":\\"#","b":1}'],
    ['{"a":"b\\\\","token":"b\\\\"}', '{"a":"b\\\\","token":"#"}'],
    ['{"token":["b]",{"c":1}],"d":1}', '{"token":"#","d":1}'],
    ...['passwd', 'db_pwd', 'passphrase', 'jwt', 'secretKey', 'private-key', 'aws_secret_access_key'].flatMap(
      (name) => [
        [`/device?${name}=abc`, `/device?${name}=#`],
        [`{"${name}":"abc"}`, `{"${name}":"#"}`],
      ],
    ),
    ['{"a":"{\\"token\\":{\\"b\\":1}}"}', '{"a":"{\\"token\\":\\"#\\"}"}'],
    ['{"Authorization":"Bearer abc","a":1}', '{"Authorization":"Bearer #","a":1}'],
    ['ftp://user:abc@host/a:b@c', 'ftp://user:#@host/a:b@c'],
    ['c', '#'].map((value) => JSON.stringify({ a: JSON.stringify({ b: `{"token":"${value}` }) })),
  ])
    t.equal(others.text(String(text)).replaceAll(/sha256:[0-9a-f]{12}/g, '#'), shown)
  t.match(others.text('{"token":1234567890}'), /^\{"token":"sha256:[0-9a-f]{12}"\}$/)
  for (const text of [
    '/device?cursor=%61b&a=b',
    '{"localPath":"/sdcard/a token=abc/def/photo"}',
    '{"localPath":"/sdcard/token=abc/photo"}',
    '{"headers":{"Authorization":"Bearer $TOKEN"},"token":"$MY_TOKEN"}',
    '{"token":[],"secret":{}}',
    'http://host:80/a@b',
    '/device?token=&a=b',
    '{"tokens":[],"key":"a","token":null}',
    'nothing=at&all',
  ])
    t.equal(others.text(text), text)
  t.end()
})

t.test('an escaped name is one, and so is a header called like the secret', (t) => {
  const shown = others.json('{ "p\\u0061ssword": "abc", "b": 12345678901234567890 }')
  t.match(shown, /^\{"password":"sha256:[0-9a-f]{12}","b":12345678901234567890\}$/)
  t.equal(others.json('{ "\\u0061": "abc" }'), '{ "\\u0061": "abc" }')
  const all = { 'p\u0061ssword': { a: 1 }, token: null, secret: true, b: [null, 'c', false, { d: 1 }] }
  const written = JSON.stringify(all).replace('password', 'p\\u0061ssword')
  t.match(JSON.parse(others.json(written)), { ...all, password: /^sha256:[0-9a-f]{12}$/ })
  t.notMatch(own.headers([`X-${secret}`, 'a']), secret)
  const odd = redactionFor(['Authorization', "Bearer a&b'c<d>e"])
  t.match(odd.text('<Resource>/a&#38;b&#39;c&#60;d&#62;e</Resource>'), '/sha256:')
  t.end()
})

t.test('JSON stays JSON without its secrets, whatever they are and wherever they stand', (t) => {
  const credential = fc.constantFrom('12345678', '1234567890123456', 'abcdefg"', '","a":"b"', 'true,"a":', 'ab\\"cdefg')
  const piece = fc.constantFrom('token', '=', '&', '"', '\\', '%26', '?', ' ', 'a', '"token":"', '\u00e9', '{', '1')
  fc.assert(
    fc.property(credential, fc.gen(), fc.nat({ max: 3 }), (secret, make, depth) => {
      const text = () => make(fc.array, fc.oneof(piece, fc.constant(secret)), { maxLength: 6 }).join('')
      const number = () => Number(`${make(fc.nat, { max: 9 })}${/^\d+$/.test(secret) ? secret.slice(0, 8) : ''}`)
      const some = () => Object.fromEntries([1, 2].map(() => [text(), make(fc.boolean) ? text() : number()]))
      let whole = JSON.stringify(some())
      for (let level = 0; level < depth; level += 1) whole = JSON.stringify({ ...some(), [text()]: whole })
      const shown = redactionFor(['Authorization', `Bearer ${secret}`]).json(whole)
      t.doesNotThrow(() => JSON.parse(shown), `${whole} ${shown}`)
      t.notOk(shown.includes(secret), shown)
    }),
    { numRuns: 1000 },
  )
  t.end()
})

t.test(
  'headers that are named as secrets are replaced whole, and one secret is hidden by whichever header brings it',
  (t) => {
    for (const name of ['X-Api-Key', 'X-Access-Token', 'X-Client-Secret']) {
      const [, shown] = others.headers([name, secret])
      t.match(shown, /^sha256:[0-9a-f]{12}$/, name)
    }
    t.same(others.headers(['X-Trace', 'a']), ['X-Trace', 'a'])
    redactionFor(['X-Auth-Token', `Bearer ${secret}`])
    t.notMatch(redactionFor(['Authorization', `Bearer ${secret}`]).text(`path/${secret}`), secret)
    t.end()
  },
)

t.test('a token that is called like a part of the API garbles nothing', (t) => {
  const text = '/koodrive/ose/v1/backup/device {"machineCode":"application"}'
  for (const name of ['koodrive', 'machineCode', 'application'])
    t.equal(redactionFor(['Authorization', `Bearer ${name}`]).text(text), text)
  t.end()
})
