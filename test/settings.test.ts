import t from 'tap'
import { help } from '../src/commands/help.ts'
import type { SettingName, Settings } from '../src/settings.ts'
import { definitions, environmentName, readTexts, resolveSettings, SettingsError } from '../src/settings.ts'

const settingsOf = (args: readonly string[], environment: NodeJS.ProcessEnv = {}): Settings =>
  resolveSettings(readTexts(args, environment))

/** Per setting: its flag and variable, what is there without it, and two texts with what they become. */
const table: readonly (readonly [SettingName, string, string, unknown, [string, unknown], [string, unknown]])[] = [
  ['port', '--port', 'PORT', 4020, ['0', 0], ['65535', 65_535]],
  ['host', '--host', 'HOST', '127.0.0.1', ['0.0.0.0', '0.0.0.0'], ['::1', '::1']],
  ['db', '--db', 'DB', 'data/emulator.db', [':memory:', ':memory:'], ['a=b.db', 'a=b.db']],
  ['seed', '--seed', 'SEED', 'bundled', ['none', 'none'], ['my.json', 'my.json']],
  ['auth', '--auth', 'AUTH', 'any', ['known', 'known'], ['any', 'any']],
  ['devices', '--devices', 'DEVICES', 'adopt', ['strict', 'strict'], ['adopt', 'adopt']],
  ['errorStatus', '--error-status', 'ERROR_STATUS', 'http', ['ok', 'ok'], ['http', 'http']],
  [
    'scopesPerModule',
    '--scopes-per-module',
    'SCOPES_PER_MODULE',
    Number.POSITIVE_INFINITY,
    ['0', 0],
    ['1000000000', 1e9],
  ],
  ['durability', '--durability', 'DURABILITY', 'normal', ['full', 'full'], ['normal', 'normal']],
  [
    'cors',
    '--cors',
    'CORS',
    false,
    ['*', true],
    ['https://a.example,http://b:8080', ['https://a.example', 'http://b:8080']],
  ],
  [
    'publicUrl',
    '--public-url',
    'PUBLIC_URL',
    undefined,
    ['https://e.example/base//', 'https://e.example/base'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ],
  ['profile', '--profile', 'PROFILE', undefined, ['p.json', 'p.json'], ['a=b.json', 'a=b.json']],
  ['control', '--control', 'CONTROL', 'on', ['off', 'off'], ['on', 'on']],
  ['maxWorlds', '--max-worlds', 'MAX_WORLDS', 1000, ['0', 0], ['1000000', 1_000_000]],
  ['worldIdle', '--world-idle', 'WORLD_IDLE', Number.POSITIVE_INFINITY, ['PT1H', 3_600_000], ['PT0.001S', 1]],
  ['logLevel', '--log-level', 'LOG_LEVEL', 'info', ['silent', 'silent'], ['trace', 'trace']],
  ['logFormat', '--log-format', 'LOG_FORMAT', undefined, ['json', 'json'], ['pretty', 'pretty']],
]

const tls = ['--tls-cert', 'c.pem', '--tls-key', 'k.pem']

t.test('every setting is a flag and a variable, and the flag wins', async (t) => {
  for (const [name, flag, variable, usual, [one, first], [other, second]] of table) {
    const environment = { [`KOODRIVE_EMULATOR_${variable}`]: other }
    t.strictSame(settingsOf([])[name], usual, `${name} without being told`)
    t.strictSame(settingsOf([flag, one])[name], first, `${flag} ${one}`)
    t.strictSame(settingsOf([`${flag}=${other}`])[name], second, `${flag}=${other}`)
    t.strictSame(settingsOf([], environment)[name], second, `${variable}=${other}`)
    t.strictSame(settingsOf([flag, one], environment)[name], first, `${flag} ${one} against ${variable}=${other}`)
    t.strictSame(settingsOf([], { [`KOODRIVE_EMULATOR_${variable}`]: '' })[name], usual, `${variable} empty is unset`)
    t.strictSame(settingsOf([flag, other, flag, one])[name], first, `the last ${flag} counts`)
  }
})

t.test('the table above knows every setting', async (t) => {
  const known = [...table.map(([name]) => name), 'tlsCert', 'tlsKey', 'allowHost']
  t.strictSame(known.toSorted(), Object.keys(definitions).toSorted())
})

t.test('a certificate and its key go together, as flags or variables, in any mixture', async (t) => {
  const variables = { KOODRIVE_EMULATOR_TLS_CERT: 'c.pem', KOODRIVE_EMULATOR_TLS_KEY: 'k.pem' }
  for (const settings of [
    settingsOf(tls),
    settingsOf([], variables),
    settingsOf(tls.slice(2), { ...variables, KOODRIVE_EMULATOR_TLS_KEY: '' }),
  ]) {
    t.match(settings, { tlsCert: 'c.pem', tlsKey: 'k.pem' })
  }
  t.match(settingsOf([]), { tlsCert: undefined, tlsKey: undefined })
})

t.test('--allow-host can be given more than once, and a variable lists names with commas', async (t) => {
  const environment = { KOODRIVE_EMULATOR_ALLOW_HOST: 'v.example,w.example' }
  for (const [args, names, variables = {}] of [
    [[], []],
    [['--allow-host', 'a.example'], ['a.example']],
    [
      ['--allow-host', 'a.example', '--allow-host=*.b.example'],
      ['a.example', '*.b.example'],
    ],
    [
      ['--allow-host', 'a.example,*'],
      ['a.example', '*'],
    ],
    [[], ['v.example', 'w.example'], environment],
    [['--allow-host', 'a.example'], ['a.example'], environment],
    [[], [], { KOODRIVE_EMULATOR_ALLOW_HOST: '' }],
  ] as const) {
    t.strictSame(settingsOf(args, variables).allowHost, names, args.join(' '))
  }
})

t.test('settings are frozen', async (t) => {
  t.ok(Object.isFrozen(settingsOf([])))
})

const refused: readonly (readonly [args: string[], sentence: string])[] = [
  [['--port', '65536'], '--port takes a whole number from 0 to 65535, not "65536"'],
  [['--port=-1'], '--port takes a whole number from 0 to 65535, not "-1"'],
  [['--port', 'abc'], '--port takes a whole number from 0 to 65535, not "abc"'],
  [['--port', '1.5'], '--port takes a whole number from 0 to 65535, not "1.5"'],
  [['--port', '1e3'], '--port takes a whole number from 0 to 65535, not "1e3"'],
  [['--port', ' 1'], '--port takes a whole number from 0 to 65535, not " 1"'],
  [['--port', '0x10'], '--port takes a whole number from 0 to 65535, not "0x10"'],
  [['--port='], '--port takes a value, not an empty one'],
  [['--host='], '--host takes a value, not an empty one'],
  [['--db', ''], '--db takes a value, not an empty one'],
  [['--seed='], '--seed takes a value, not an empty one'],
  [['--auth', 'none'], '--auth takes any, known, not "none"'],
  [['--auth', 'ANY'], '--auth takes any, known, not "ANY"'],
  [['--devices', 'lax'], '--devices takes adopt, strict, not "lax"'],
  [['--error-status', '200'], '--error-status takes http, ok, not "200"'],
  [
    ['--scopes-per-module', '1000000001'],
    '--scopes-per-module takes a whole number from 0 to 1000000000, not "1000000001"',
  ],
  [['--scopes-per-module=-1'], '--scopes-per-module takes a whole number from 0 to 1000000000, not "-1"'],
  [['--scopes-per-module', 'all'], '--scopes-per-module takes a whole number from 0 to 1000000000, not "all"'],
  [['--durability', 'off'], '--durability takes normal, full, not "off"'],
  [
    ['--cors', 'https://a.example/'],
    '--cors takes off, * or origins such as https://app.example:8080, not "https://a.example/"',
  ],
  [['--cors', 'a.example'], '--cors takes off, * or origins such as https://app.example:8080, not "a.example"'],
  [['--cors', 'https://a.example,*'], '--cors takes off, * or origins such as https://app.example:8080, not "*"'],
  [
    ['--cors', 'https://a.example, https://b.example'],
    '--cors takes off, * or origins such as https://app.example:8080, not " https://b.example"',
  ],
  ...['emulator.example', 'ftp://a.example', 'https://a.example/?q', 'https://a.example/#f', 'x'].map(
    (address): [string[], string] => [
      ['--public-url', address],
      `--public-url takes an address such as https://emulator.example/base, not "${address}"`,
    ],
  ),
  [['--profile='], '--profile takes a value, not an empty one'],
  [['--control', 'none'], '--control takes on, off, not "none"'],
  [['--allow-host', 'a b'], '--allow-host takes host names such as emulator.example or *.example, not "a b"'],
  [
    ['--allow-host', 'a.example,b.example:80'],
    '--allow-host takes host names such as emulator.example or *.example, not "b.example:80"',
  ],
  [['--allow-host='], '--allow-host takes a value, not an empty one'],
  [['--max-worlds', '1000001'], '--max-worlds takes a whole number from 0 to 1000000, not "1000001"'],
  [['--max-worlds', '-1'], '--max-worlds takes a whole number from 0 to 1000000, not "-1"'],
  ...['1h', 'PT0S', '-PT1S', 'P1M', 'never'].map((span): [string[], string] => [
    [`--world-idle=${span}`],
    `--world-idle takes off or an ISO 8601 duration such as PT1H, not "${span}"`,
  ]),
  [['--log-level', 'loud'], '--log-level takes trace, debug, info, warn, error, fatal, silent, not "loud"'],
  [['--log-format', 'xml'], '--log-format takes pretty, json, not "xml"'],
  [['--tls-cert', 'c.pem'], '--tls-cert and --tls-key go together; give both or neither'],
  [['--tls-key', 'k.pem'], '--tls-cert and --tls-key go together; give both or neither'],
  [['--prot', '1'], 'has no flag --prot; --help lists them'],
  [['--prot=1'], 'has no flag --prot; --help lists them'],
  [['-p', '1'], 'has no flag -p; --help lists them'],
  [['--no-cors'], 'has no flag --no-cors; --help lists them'],
  [['--constructor', '1'], 'has no flag --constructor; --help lists them'],
  [['--__proto__', '1'], 'has no flag --__proto__; --help lists them'],
  [['--port'], 'needs a value after --port'],
  [['serve'], 'does not know "serve"; --help lists what it does'],
  [['--port', '1', '4020'], 'does not know "4020"; --help lists what it does'],
  [['--', '--port'], 'does not know "--port"; --help lists what it does'],
]

t.test('what cannot be taken is refused with one sentence that says what would be right', async (t) => {
  for (const [args, message] of refused) {
    t.throws(() => settingsOf(args), new SettingsError(message), `${args.join(' ')} is refused: ${message}`)
  }
})

t.test('a variable is judged like its flag', async (t) => {
  for (const [args, message] of refused) {
    const [, flag, value] = /^--([a-z-]+)=(.+)$/.exec(args.length === 2 ? args.join('=') : (args[0] ?? '')) ?? []
    const name = (Object.keys(definitions) as SettingName[]).find((known) => definitions[known].flag === flag)
    if (name === undefined || value === undefined) continue
    t.throws(() => settingsOf([], { [environmentName(name)]: value }), new SettingsError(message), `${name}=${value}`)
  }
})

t.test('a mistake of ours is not reworded as one of the user', async (t) => {
  const texts = { port: Symbol('no text') } as unknown as { port: string }
  t.throws(() => resolveSettings(texts), TypeError)
})

t.test('the help names every flag, its variable, what it takes and its default', async (t) => {
  const text = help()
  for (const name of Object.keys(definitions) as SettingName[]) {
    const { flag, takes, fallback, help: meaning } = definitions[name]
    t.ok(text.includes(`  --${flag} ${takes} `), `--${flag} ${takes}`)
    t.ok(text.includes(` ${environmentName(name)}\n`), environmentName(name))
    t.ok(text.includes(!fallback ? meaning : `${meaning} (${fallback})`), meaning)
  }
  for (const more of ['--help', '--version', 'health [--url URL]', 'openapi']) t.ok(text.includes(more), more)
  t.ok(
    text.split('\n').every((line) => line.length <= 120),
    'and fits a wide terminal',
  )
})
