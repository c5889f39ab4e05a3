import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'
import { contracts } from '../schemas/index.ts'

/** A path as imports write it, on every system. */
const withSlashes = (path: string): string => path.replaceAll('\\', '/')

const sources = ['src', 'schemas', 'cli', 'exec', 'gauntlet', 'verify'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => withSlashes(join(folder, name))),
)

interface Import {
  /** A path from the root of the repository, or the name of a package. */
  readonly from: string
  readonly isType: boolean
  /** Loaded when it is asked for, not at the start. */
  readonly isLate: boolean
}

/** Every static and dynamic import and re-export of a file. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const found = text.matchAll(
    /(?:import|export)\s+(type\s+)?[^'"]*?from\s+'([^']+)'|import\(\s*'([^']+)'|import\s+'([^']+)'/g,
  )
  return [...found].map(([, type, named, dynamic, bare]) => {
    const from = named ?? dynamic ?? bare ?? ''
    return {
      from: from.startsWith('.') ? withSlashes(normalize(join(dirname(file), from))) : from,
      isType: type !== undefined,
      isLate: dynamic !== undefined,
    }
  })
}

interface Room {
  readonly place: RegExp
  /** What may be imported, values and types alike. */
  readonly mayKnow: RegExp
  /** What may be imported as a type only. */
  readonly mayName?: RegExp
}

/** The page's own, which no process but a browser runs; its styles have no imports. */
const pageSources = readdirSync('inspector', { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(tsx?|css)$/.test(name) && !name.endsWith('.d.ts'))
  .map((name) => join('inspector', name))

const rooms: Record<string, Room> = {
  'schemas know TypeBox and each other': { place: /^schemas\//, mayKnow: /^(@sinclair\/typebox|schemas\/)/ },
  'the catalogue knows nothing': { place: /^src\/errors\.ts$/, mayKnow: /^$/ },
  'the store knows SQLite': {
    place: /^src\/store\//,
    mayKnow: /^(better-sqlite3|node:(crypto|fs|path|util)|src\/(store\/|process\/folders\.ts$))/,
    mayName: /^src\/uploads\/parts\.ts$/,
  },
  'what is known of parts knows digests and signatures': {
    place: /^src\/uploads\//,
    mayKnow: /^(node:crypto$|hash-wasm$|schemas\/upload-limits\.ts$|src\/(uploads\/|http\/signature\.ts$))/,
    mayName: /^src\/http\/request-target\.ts$/,
  },
  'rules know refusals and how long locks live, and the types of contracts and of the world': {
    place: /^src\/operations\//,
    mayKnow: /^(schemas\/lock-lifetime\.ts$|src\/(operations\/|uploads\/(?!digest)|errors\.ts))/,
    mayName: /^(schemas\/|src\/(world|store)\/)/,
  },
  'the world knows the store': {
    place: /^src\/world\//,
    mayKnow:
      /^(node:crypto$|src\/(world\/|store\/|uploads\/(?!digest)|process\/real-time\.ts$|journal\/journal\.ts$|coverage\/coverage\.ts$))/,
    mayName: /^(schemas\/|src\/(errors\.ts|journal\/entry\.ts))/,
  },
  'HTTP knows Fastify, contracts, refusals and the world': {
    place: /^src\/http\//,
    mayKnow:
      /^(fastify$|@fastify\/cors$|@sinclair\/typebox|secure-json-parse$|node:|schemas\/|src\/(http\/|uploads\/|errors\.ts|process\/real-time\.ts|world\/(cursor|worlds?)\.ts))/,
    mayName: /^src\/(operations\/(rule|index)|world\/(absence|fault|fault-plan|change-notes)|store\/files)\.ts$/,
  },
  'who writes and reads worlds as files knows worlds and images': {
    place: /^src\/archive\//,
    mayKnow:
      /^(node:(crypto|fs|path)$|schemas\/|src\/(archive\/|world\/|store\/(database|foreign-image|image)\.ts|http\/(json|validation)\.ts|process\/(folders|package)\.ts))/,
  },
  'who measures knows worlds by name': {
    place: /^src\/metrics\//,
    mayKnow: /^src\/(metrics\/|process\/(package|vitals)\.ts)/,
    mayName: /^src\/world\/worlds\.ts$/,
  },
  'the control plane knows Fastify, contracts and the world, and neither rules nor how they are bound': {
    place: /^src\/control\//,
    mayKnow:
      /^(fastify$|@fastify\/type-provider-typebox$|@sinclair\/typebox$|node:(crypto|fs\/promises|http|net|path|stream|url)$|schemas\/|src\/(control\/|advice\/(advice|answer-value)\.ts$|coverage\/view\.ts$|world\/|errors\.ts|process\/(package|real-time)\.ts|store\/snowflake\.ts|http\/(body|check|credential|headers|json|refusals|request-target|validation|visit|world-name|written-request)\.ts|intercept\/|journal\/|review\/|archive\/(reading|writing|unusable)\.ts$|openapi\/pages\.ts$))/,
    mayName: /^src\/http\/(explain|replay)\.ts$/,
  },
  'who advises knows contracts, what is stored and how a request is tried, and no rule': {
    place: /^src\/advice\//,
    mayKnow:
      /^(schemas\/|src\/(advice\/|world\/copy\.ts$|store\/snowflake\.ts$|http\/(credential|headers|json|query|request-target|secrets|world-name|written-request)\.ts$))/,
    mayName: /^(@sinclair\/typebox$|src\/(http\/explain|world\/world)\.ts$)/,
  },
  'the document knows contracts, statements and refusals': {
    place: /^src\/openapi\//,
    mayKnow:
      /^(@sinclair\/typebox$|node:(crypto|fs|fs\/promises)$|schemas\/|src\/(openapi\/|errors\.ts|process\/package\.ts))/,
  },
  'what acts and looks from outside knows HTTP and the world': {
    place: /^src\/intercept\//,
    mayKnow:
      /^(fastify$|@sinclair\/typebox$|node:|schemas\/|src\/(intercept\/|world\/|errors\.ts|process\/real-time\.ts|http\/(another-client|envelope|exchange|json|store-answers)\.ts))/,
    mayName: /^src\/operations\/(rule|index)\.ts$/,
  },
  'what commands with a report of their own share knows flags, files, processes, coverage and how secrets are hidden': {
    place: /^cli\//,
    mayKnow:
      /^(node:|cli\/|schemas\/coverage\.ts$|src\/(archive\/park-names\.ts$|coverage\/|http\/(short-hash|validation)\.ts$|process\/(folders|standard-streams|startup-error|unwritten)\.ts$|settings\/json-file\.ts$))/,
    mayName: /^src\/index\.ts$/,
  },
  'who runs a command beside an emulator knows it by its handle, and names of settings and rules': {
    place: /^exec\//,
    mayKnow:
      /^(node:|cli\/|exec\/|schemas\/(control|coverage)\.ts$|src\/(index\.ts$|commands\/health\.ts$|coverage\/text\.ts$|review\/rules\.ts$|settings\/(setting-flags|settings|forms)\.ts$|process\/(package|startup-error|unwritten|whole-file)\.ts$))/,
    mayName: /^schemas\//,
  },
  'who lets a client run the gauntlet knows the emulator by its handle, contracts, and names of settings': {
    place: /^gauntlet\//,
    mayKnow:
      /^(node:|@sinclair\/typebox|cli\/|gauntlet\/|schemas\/(control|index|operation|statements)\.ts$|src\/(index\.ts$|coverage\/text\.ts$|settings\/(setting-flags|settings)\.ts$|process\/(package|startup-error|unwritten|whole-file)\.ts$))/,
    mayName: /^(schemas\/|src\/(journal\/view|review\/finding|world\/fault)\.ts$)/,
  },
  'the conformance kit knows contracts, the catalogue and how requests are signed, and nothing of this server': {
    place: /^verify\//,
    mayKnow:
      /^(fast-check$|@sinclair\/typebox|node:|schemas\/|cli\/|verify\/|src\/(errors\.ts|http\/(signature|request-target)\.ts|store\/snowflake\.ts|process\/(package|startup-error|unwritten|whole-file)\.ts))/,
  },
  'settings know contracts, and what they are checked with': {
    place: /^src\/settings\//,
    mayKnow:
      /^(leven$|node:(fs|http|net|util)$|schemas\/|src\/(settings\/|errors\.ts|http\/validation\.ts|process\/(npm-script|package|startup-error|whole-file)\.ts|world\/(duration|seed-check)\.ts))/,
    mayName: /^(@sinclair\/typebox$|pino$)/,
  },
  'what belongs to the process knows nothing of what runs in it': {
    place: /^src\/process\//,
    mayKnow: /^(pino$|pino-pretty$|node:|src\/(process\/|store\/snowflake\.ts))/,
    mayName: /^(fastify$|src\/settings\/settings\.ts$)/,
  },
  'who embeds an emulator knows the control plane': {
    place: /^src\/embedding\//,
    mayKnow: /^src\/(embedding\/|control\/|http\/world-name\.ts)/,
    mayName: /^(schemas\/|src\/(journal|review|settings|world)\/)/,
  },
  'what a journal keeps is noted of contracts': {
    place: /^src\/journal\/(entry|facts|journal|unread)\.ts$/,
    mayKnow: /^(@sinclair\/typebox$|node:(buffer|crypto)$|schemas\/|src\/journal\/)/,
  },
  'what was met of the contract is counted of contracts and refusals': {
    place: /^src\/coverage\//,
    mayKnow: /^(schemas\/|src\/(coverage\/|errors\.ts$))/,
    mayName: /^@sinclair\/typebox$/,
  },
  'who keeps and shows a journal knows exchanges': {
    place: /^src\/journal\/(?!entry|facts|journal|unread)/,
    mayKnow:
      /^src\/(journal\/|http\/(check|envelope|json|replay|secrets)\.ts|process\/package\.ts|store\/snowflake\.ts)/,
    mayName:
      /^(fastify$|node:(http|net)$|schemas\/(har|journal)\.ts$|src\/(coverage\/met|http\/(exchange|server)|world\/world)\.ts)/,
  },
  'the review knows limits of the API, and the journal by name': {
    place: /^src\/review\/(?!reading)/,
    mayKnow: /^(src\/review\/|schemas\/(lock-lifetime|upload-limits)\.ts$)/,
    mayName: /^src\/journal\//,
  },
  'who reads a journal for the review finds its facts': {
    place: /^src\/review\/reading\.ts$/,
    mayKnow: /^src\/journal\/reading\.ts$/,
    mayName: /^src\/(review|journal)\//,
  },
}

const pageRooms: Record<string, Room> = {
  'what the page computes knows neither Preact nor a browser, how a command for curl is written, and contracts by name':
    {
      place: /^inspector\/(model\/|address\.ts)/,
      mayKnow: /^(inspector\/(model\/|address\.ts$)|cli\/curl\.ts$)/,
      mayName: /^schemas\//,
    },
  'parts of the page know what is shown, and no view': {
    place: /^inspector\/parts\//,
    mayKnow: /^(preact|@preact\/signals$|made:|inspector\/(parts|model)\/|inspector\/(address|place|session)\.ts$)/,
    mayName: /^schemas\//,
  },
  'the page knows Preact, contracts by name, and nothing of the emulator': {
    place: /^inspector\/.*\.tsx?$/,
    mayKnow: /^(preact|@preact\/signals$|made:|inspector\/|cli\/curl\.ts$)/,
    mayName: /^(schemas\/|@sinclair\/typebox$)/,
  },
}

for (const [sentence, { place, mayKnow, mayName }] of Object.entries({ ...rooms, ...pageRooms })) {
  t.test(sentence, async (t) => {
    const files = [...sources, ...pageSources].filter((file) => place.test(file))
    t.ok(files.length > 0)
    for (const file of files) {
      for (const { from, isType } of importsOf(file)) {
        t.ok(mayKnow.test(from) || (isType && mayName?.test(from)), `${file} may not import ${from}`)
      }
    }
  })
}

t.test('at the root of the sources is only what a reader must see first', async (t) => {
  const files = readdirSync('src').filter((name) => /\.[jt]s$/.test(name))
  t.same(files.toSorted(), ['app.ts', 'errors.ts', 'index.js', 'index.ts', 'main.js', 'main.ts'])
})

t.test('imports go in no circle, not even those of types', async (t) => {
  const imports = new Map(sources.map((file) => [file, importsOf(file).map(({ from }) => from)]))
  const done = new Set<string>()
  function follow(file: string, way: readonly string[]): void {
    if (way.includes(file)) t.fail([...way.slice(way.indexOf(file)), file].join(' -> '))
    else if (!done.has(file)) for (const next of imports.get(file) ?? []) follow(next, [...way, file])
    done.add(file)
  }
  for (const file of sources) follow(file, [])
  t.ok(sources.every((file) => done.has(file)))
})

/** What a file declares and exports; a schema and its type, or a type and its maker, are one name of one file. */
function exportedBy(file: string): Set<string> {
  const declared =
    /^export (?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|enum) (\w+)/gm
  return new Set([...readFileSync(file, 'utf8').matchAll(declared)].map(([, name = '']) => name))
}

t.test(
  'a name means one thing: none is exported by two files, save an operation by its contract and its rule',
  async (t) => {
    const homes = new Map<string, string[]>()
    for (const file of sources) for (const name of exportedBy(file)) homes.set(name, [...(homes.get(name) ?? []), file])
    t.ok(homes.size > 500)
    for (const [name, files] of homes) {
      const ofRules = Object.hasOwn(contracts, name) ? files.filter((file) => !/^src\/operations\//.test(file)) : files
      t.equal(ofRules.length, 1, `${name} is exported by ${files.join(' and ')}`)
    }
  },
)

t.test('what a file of the page exports, another file uses', async (t) => {
  const users = ['test/inspector.test.ts', 'tools/inspector.ts', ...pageSources]
  const texts = new Map(users.map((file) => [file, readFileSync(file, 'utf8')]))
  const ofValues = /^export (?:async )?(?:const|let|function\*?|class) (\w+)/gm
  for (const file of pageSources) {
    for (const [, name] of (texts.get(file) ?? '').matchAll(ofValues)) {
      const others = users.filter((user) => user !== file && new RegExp(`\\b${name}\\b`).test(texts.get(user) ?? ''))
      t.not(others.length, 0, `${file} exports ${name}, which no other file uses`)
    }
  }
})

t.test('the emulator knows the page by the files that it serves, and no code of it', async (t) => {
  for (const file of sources) {
    t.notOk(
      importsOf(file).some(({ from }) => /^(inspector|tools)\/|preact|esbuild/.test(from)),
      file,
    )
  }
})

t.test('the emulated API does not know the control plane', async (t) => {
  for (const file of sources.filter((name) => /^src\/(operations|store|world|http)\//.test(name))) {
    t.notOk(
      importsOf(file).some(({ from }) => from.startsWith('src/control/')),
      file,
    )
  }
})

t.test('the OpenAPI document is loaded when somebody asks for it, not at the start', async (t) => {
  for (const file of sources.filter((name) => !name.startsWith('src/openapi/'))) {
    const early = importsOf(file).filter(
      ({ from, isType, isLate }) => /^src\/openapi\/|swagger/.test(from) && !isType && !isLate,
    )
    t.same(early, [], file)
  }
})

t.test('commands with a report of their own are loaded when somebody calls them, and not by who serves', async (t) => {
  const ofCommands = /^(cli|exec|gauntlet|verify)\//
  for (const file of sources.filter((name) => !ofCommands.test(name))) {
    const early = importsOf(file).filter(({ from, isLate }) => ofCommands.test(from) && !isLate)
    t.same(early, [], file)
  }
})

t.test('the library for digests is loaded with the first part of a file, not at the start', async (t) => {
  for (const file of sources.filter((name) => name !== 'src/uploads/digest.ts')) {
    const early = importsOf(file).filter(({ from, isLate }) => /^src\/uploads\/digest|hash-wasm/.test(from) && !isLate)
    t.same(early, [], file)
  }
})

t.test('targets of requests are taken apart in one place', async (t) => {
  const parsing = /\bnew URL\(|\bURLSearchParams\b|\bdecodeURI(?:Component)?\(|URL\.canParse/
  const ofRequests = (file: string) => /^src\/(http|control|intercept|journal|review|operations|world)\//.test(file)
  const found = sources.filter((file) => ofRequests(file) && parsing.test(readFileSync(file, 'utf8')))
  t.same(found, ['src/http/request-target.ts'])
})

t.test('rules are pure and synchronous: no clock, randomness, process or waiting', async (t) => {
  for (const file of sources.filter((name) => name.startsWith('src/operations/'))) {
    t.notMatch(
      readFileSync(file, 'utf8'),
      /\bDate\b|Math\.random|\bprocess\b|\bawait\b|\basync\b|setTimeout|performance/,
      file,
    )
  }
})

t.test('the store has no clock: times arrive as arguments', async (t) => {
  for (const file of sources.filter((name) => name.startsWith('src/store/'))) {
    t.notMatch(readFileSync(file, 'utf8'), /Date\.now|new Date\(\)|performance|setTimeout/, file)
  }
})

t.test('time comes from where no fake of a test reaches it', async (t) => {
  const ambient =
    /\b(set(Timeout|Interval|Immediate)|clear(Timeout|Interval|Immediate))\(|performance\.|hrtime|node:timers|Date\.now/
  const ownProcess = /^(cli|exec|gauntlet|verify)\/|^src\/commands\/|^src\/process\/real-time\.ts$/
  for (const file of sources.filter((name) => !ownProcess.test(name))) {
    t.notMatch(readFileSync(file, 'utf8'), ambient, file)
  }
})

t.test('processes end because nothing is left to do, for process.exit may never return', async (t) => {
  for (const file of sources.filter((name) => name !== 'src/process/ending.ts'))
    t.notMatch(readFileSync(file, 'utf8'), 'process.exit(', file)
})

t.test('files stay small enough to read at a sitting', async (t) => {
  for (const file of [...sources, ...pageSources]) t.ok(readFileSync(file, 'utf8').split('\n').length <= 250, file)
})

t.test('every source file loads, so that coverage counts those that no test touches', async (t) => {
  for (const file of sources) t.ok(await import(new URL(`../${file}`, import.meta.url).href), file)
})
