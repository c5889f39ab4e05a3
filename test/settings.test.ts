import t from 'tap'
import { help } from '../src/commands/help.ts'
import type { SettingName, Settings } from '../src/settings/settings.ts'
import {
  definitions,
  environmentName,
  readTexts,
  remarksOn,
  resolveSettings,
  SettingsError,
} from '../src/settings/settings.ts'

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
  ['completion', '--completion', 'COMPLETION', 'explicit', ['put', 'put'], ['explicit', 'explicit']],
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
    ['HTTPS://E.example:443/a/../base//', 'https://e.example/base'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
  ],
  ['profile', '--profile', 'PROFILE', undefined, ['p.json', 'p.json'], ['a=b.json', 'a=b.json']],
  ['control', '--control', 'CONTROL', 'on', ['off', 'off'], ['on', 'on']],
  ['maxWorlds', '--max-worlds', 'MAX_WORLDS', 1000, ['0', 0], ['1000000', 1_000_000]],
  ['controlTokenFile', '--control-token-file', 'CONTROL_TOKEN_FILE', undefined, ['t', 't'], ['a=b', 'a=b']],
  ['drain', '--drain', 'DRAIN', 0, ['PT5S', 5000], ['PT1H', 3_600_000]],
  ['grace', '--grace', 'GRACE', 1500, ['PT0S', 0], ['PT1M', 60_000]],
  ['worldsPerGroup', '--worlds-per-group', 'WORLDS_PER_GROUP', Number.POSITIVE_INFINITY, ['1', 1], ['100', 100]],
  ['newWorlds', '--new-worlds', 'NEW_WORLDS', 'used', ['declared', 'declared'], ['used', 'used']],
  ['park', '--park', 'PARK', undefined, ['park', 'park'], ['a=b', 'a=b']],
  ['open', '--open', 'OPEN', undefined, ['w.kwa', 'w.kwa'], ['a=b.kwa', 'a=b.kwa']],
  ['worldIdle', '--world-idle', 'WORLD_IDLE', Number.POSITIVE_INFINITY, ['PT1H', 3_600_000], ['PT0.001S', 1]],
  ['changes', '--changes', 'CHANGES', 'watched', ['on', 'on'], ['watched', 'watched']],
  ['journal', '--journal', 'JOURNAL', undefined, ['0', 0], ['64M', 67_108_864]],
  ['journalEntries', '--journal-entries', 'JOURNAL_ENTRIES', 1000, ['1', 1], ['1000000', 1_000_000]],
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

/** Those that need others, or are lists, or are no flags. */
const elsewhere = ['controlToken', 'trustProxy', 'parkKeep']

t.test('the table above knows every setting', async (t) => {
  const known = [...table.map(([name]) => name), 'tlsCert', 'tlsKey', 'allowHost', ...elsewhere]
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

t.test('a control token is a variable only, and proxies are listed', async (t) => {
  t.equal(settingsOf([], { KOODRIVE_EMULATOR_CONTROL_TOKEN: 'a-token' }).controlToken, 'a-token')
  t.equal(settingsOf([]).controlToken, undefined)
  t.throws(() => settingsOf(['--control-token', 'x']), { message: /^has no flag --control-token; / })
  t.throws(() => settingsOf([], { KOODRIVE_EMULATOR_CONTROL_TOKEN: 'a b' }), {
    message: 'KOODRIVE_EMULATOR_CONTROL_TOKEN takes a token without spaces and signs beyond ASCII',
  })
  const proxies = settingsOf(['--trust-proxy', '10.0.0.0/8,::1', '--trust-proxy', 'fd00::/8']).trustProxy
  t.strictSame(proxies, ['10.0.0.0/8', '::1', 'fd00::/8'])
  t.strictSame(settingsOf([]).trustProxy, [])
  t.equal(settingsOf(['--park', 'p', '--park-keep', 'P7D']).parkKeep, 604_800_000)
  t.match(settingsOf(['--open', 'w.kwa']), { open: 'w.kwa', db: ':memory:' }, 'no file of a database is touched')
  t.equal(settingsOf(['--open', 'w.kwa', '--db', ':memory:']).open, 'w.kwa')
})

t.test('settings are frozen', async (t) => {
  t.ok(Object.isFrozen(settingsOf([])))
})

const refused: readonly (readonly [args: string[], sentence: string])[] = [
  [['--journal', '64MB'], '--journal takes a number of bytes, or of them with K, M or G, such as 64M, not "64MB"'],
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
  ...[
    'emulator.example',
    'ftp://a.example',
    'https://a.example/?q',
    'https://a.example/?',
    'https://a.example/#',
    'https://a.example/#f',
    ' http://a.example ',
    'http://a.example/b c',
    'http:a.example',
    'http:/a.example',
    'http:///a.example',
    'http:\\\\a.example',
    'http://a.example\\b',
    'http://user:secret@a.example',
    'http://a.example:99999',
    'http://',
    'x',
  ].map((address): [string[], string] => [
    ['--public-url', address],
    `--public-url takes an address such as https://emulator.example/base, not "${address}"`,
  ]),
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
  ...['5', '-PT1S', 'PT1H0.001S', 'never'].map((span): [string[], string] => [
    [`--drain=${span}`],
    `--drain takes an ISO 8601 duration of an hour at most, such as PT5S, not "${span}"`,
  ]),
  [['--worlds-per-group', '0'], '--worlds-per-group takes a whole number from 1 to 1000000, not "0"'],
  [['--new-worlds', 'all'], '--new-worlds takes used, declared, not "all"'],
  ...['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'proxy', '10.0.0.1/', '::1/1/1'].map((range): [string[], string] => [
    [`--trust-proxy=${range}`],
    `--trust-proxy takes addresses and ranges such as 127.0.0.1 or 10.0.0.0/8, not "${range}"`,
  ]),
  [['--open', 'w.kwa', '--db', 'd.db'], '--open serves a world in memory; leave --db out, or say --db :memory:'],
  [['--park-keep', 'P7D'], '--park-keep needs --park'],
  [['--log-level', 'loud'], '--log-level takes trace, debug, info, warn, error, fatal, silent, not "loud"'],
  [['--log-format', 'xml'], '--log-format takes pretty, json, not "xml"'],
  [['--tls-cert', 'c.pem'], '--tls-cert and --tls-key go together; give both or neither'],
  [['--tls-key', 'k.pem'], '--tls-cert and --tls-key go together; give both or neither'],
  [['--prot', '1'], 'has no flag --prot; did you mean --port?'],
  [['--prot=1'], 'has no flag --prot; did you mean --port?'],
  [['-p', '1'], 'has no flag -p; --help lists them'],
  [['--no-cors'], 'has no flag --no-cors; did you mean --cors?'],
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

t.test('--open wins over a database that the environment names, as in the image', (t) => {
  const environment = { KOODRIVE_EMULATOR_DB: '/data/emulator.db' }
  t.equal(settingsOf(['--open', 'w.kwa'], environment).db, ':memory:')
  t.equal(settingsOf([], environment).db, '/data/emulator.db')
  const both = { ...environment, KOODRIVE_EMULATOR_OPEN: 'w.kwa' }
  t.throws(() => settingsOf([], both), /^--open serves a world in memory/, 'of two variables, neither wins')
  t.end()
})

t.test('a variable is judged like its flag, and blamed by its own name', async (t) => {
  for (const [args, message] of refused) {
    const [, flag, value] = /^--([a-z-]+)=(.+)$/.exec(args.length === 2 ? args.join('=') : (args[0] ?? '')) ?? []
    const name = (Object.keys(definitions) as SettingName[]).find((known) => definitions[known].flag === flag)
    if (name === undefined || value === undefined) continue
    const variable = environmentName(name)
    const said = message.replace(`--${flag} takes`, `${variable} takes`)
    t.throws(() => settingsOf([], { [variable]: value }), new SettingsError(said), `${variable}=${value}`)
  }
})

t.test('a variable that begins like ours and is none is refused, with what was probably meant', async (t) => {
  const none = (name: string) => `has no setting KOODRIVE_EMULATOR_${name}; `
  for (const [name, advice, value = 'x'] of [
    ['DEVICE', 'did you mean KOODRIVE_EMULATOR_DEVICES?'],
    ['LOGLEVEL', 'did you mean KOODRIVE_EMULATOR_LOG_LEVEL?'],
    ['prot', '--help lists them'],
    ['PROT', 'did you mean KOODRIVE_EMULATOR_PORT?'],
    ['URL', '--help lists them'],
    ['SERVICE_HOSTS', '--help lists them'],
    ['WEB_PORT', '--help lists them', '4020'],
    ['PORT_X_TCP', '--help lists them', 'tcp://10.96.12.3:4020'],
    ['', '--help lists them'],
  ] as const) {
    const environment = { [`KOODRIVE_EMULATOR_${name}`]: value }
    t.throws(() => settingsOf([], environment), new SettingsError(none(name) + advice), name)
  }
  t.strictSame(settingsOf([], { KOODRIVE_EMULATOR_NOPE: '', KOODRIVE_URL: 'x', KOODRIVE_TOKEN: 'x' }), settingsOf([]))
})

t.test('flags that npm kept for itself are refused with what to type, where npm runs nothing else', async (t) => {
  const start = { npm_lifecycle_event: 'start', npm_lifecycle_script: 'node src/main.js' }
  const npx = { npm_lifecycle_event: 'npx', npm_lifecycle_script: "'koodrive-backup-emulator'" }
  const own = { npm_lifecycle_event: 'emulator', npm_lifecycle_script: 'TZ=UTC koodrive-backup-emulator --db x.db' }
  const cases = [
    [start, ['5000'], { port: 'true' }, '--port 5000', 'npm start --'],
    [start, [], { port: '5000', log_level: 'true' }, '--port 5000 --log-level …', 'npm start --'],
    [npx, [':memory:'], { db: 'true' }, '--db :memory:', 'npx --no -- koodrive-backup-emulator'],
    [own, [], { error_status: 'ok' }, '--error-status ok', 'npm run emulator --'],
  ] as const
  for (const [call, args, kept, flags, typed] of cases) {
    const config = Object.fromEntries(Object.entries(kept).map(([name, value]) => [`npm_config_${name}`, value]))
    const sentence = `was not given ${flags}, which npm kept for itself; type ${typed} ${flags}`
    t.throws(() => settingsOf(args, { ...call, ...config }), new SettingsError(sentence))
  }
  t.equal(settingsOf([], start).port, 4020)
  for (const script of ['vitest', 'koodrive-backup-emulator & vitest', 'koodrive-backup-emulator-x', undefined]) {
    const environment = { npm_lifecycle_event: 'test', npm_lifecycle_script: script, npm_config_seed: '5' }
    t.equal(settingsOf([], environment).seed, 'bundled', `a flag of ${script} itself`)
  }
})

t.test(
  'what Kubernetes says of services whose names begin with koodrive-emulator is no setting; the port is remarked',
  async (t) => {
    const service = {
      KOODRIVE_EMULATOR_SERVICE_HOST: '10.96.12.3',
      KOODRIVE_EMULATOR_SERVICE_PORT: '4020',
      KOODRIVE_EMULATOR_SERVICE_PORT_HTTP: '4020',
      KOODRIVE_EMULATOR_PORT_4020_TCP: 'tcp://10.96.12.3:4020',
      KOODRIVE_EMULATOR_PORT_4020_TCP_PROTO: 'tcp',
      KOODRIVE_EMULATOR_PORT_4020_TCP_PORT: '4020',
      KOODRIVE_EMULATOR_PORT_4020_TCP_ADDR: '10.96.12.3',
      KOODRIVE_EMULATOR_CONTROL_SERVICE_HOST: '10.96.12.4',
      KOODRIVE_EMULATOR_CONTROL_SERVICE_PORT_WEB_TLS: '443',
      KOODRIVE_EMULATOR_CONTROL_PORT: 'tcp://10.96.12.4:443',
      KOODRIVE_EMULATOR_CONTROL_PORT_443_UDP_ADDR: '10.96.12.4',
    }
    for (const address of ['tcp://10.96.12.3:4020', 'udp://10.96.12.3:4020', 'tcp://[fd00::3]:4020', 'TCP://x']) {
      const environment = { ...service, KOODRIVE_EMULATOR_PORT: address }
      t.strictSame(settingsOf([], environment), settingsOf([]), address)
      t.equal(settingsOf(['--port', '1'], environment).port, 1)
      t.strictSame(remarksOn(environment), [
        `KOODRIVE_EMULATOR_PORT is ignored: "${address}" is the address of a service and no port`,
      ])
    }
    t.strictSame(remarksOn({ ...service, KOODRIVE_EMULATOR_PORT: '4020' }), [])
    t.strictSame(remarksOn({}), [])
    const flag = ['--port', 'tcp://10.96.12.3:4020']
    t.throws(() => settingsOf(flag), { message: /^--port takes a whole number/ }, 'a flag is meant as it is given')
  },
)

t.test('a mistake of ours is not reworded as one of the user', async (t) => {
  const texts = { port: Symbol('no text') } as unknown as { port: string }
  t.throws(() => resolveSettings(texts), TypeError)
})

t.test('the help names every flag, its variable, what it takes and its default', async (t) => {
  const text = help()
  for (const name of Object.keys(definitions) as SettingName[]) {
    const { flag, takes, fallback, help: meaning, isSecret = false } = definitions[name]
    t.equal(text.includes(`  --${flag} ${takes} `), !isSecret, `--${flag} ${takes}`)
    t.ok(text.includes(` ${environmentName(name)}\n`), environmentName(name))
    t.ok(text.includes(!fallback ? meaning : `${meaning} (${fallback})`), meaning)
  }
  t.notMatch(text, /^ {30}\S.*\n {30}/m, 'each line of what a setting means begins with its flag')
  for (const more of ['--help', '--version', 'health [--url URL]', 'openapi']) t.ok(text.includes(more), more)
  t.ok(
    text.split('\n').every((line) => line.length <= 120),
    'and fits a wide terminal',
  )
})
