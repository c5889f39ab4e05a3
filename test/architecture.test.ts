import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import t from 'tap'

const sources = ['src', 'schemas'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
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
      from: from.startsWith('.') ? normalize(join(dirname(file), from)) : from,
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

const rooms: Record<string, Room> = {
  'schemas know TypeBox and each other': { place: /^schemas\//, mayKnow: /^(@sinclair\/typebox|schemas\/)/ },
  'the catalogue knows nothing': { place: /^src\/errors\.ts$/, mayKnow: /^$/ },
  'the store knows SQLite': { place: /^src\/store\//, mayKnow: /^(better-sqlite3|node:(crypto|fs|path)|src\/store\/)/ },
  'rules know refusals, and the types of contracts and of the world': {
    place: /^src\/operations\//,
    mayKnow: /^src\/(operations\/|errors\.ts)/,
    mayName: /^(schemas\/|src\/(world|store)\/)/,
  },
  'the world knows the store': {
    place: /^src\/world\//,
    mayKnow: /^(node:crypto$|src\/(world|store)\/)/,
    mayName: /^(schemas\/|src\/errors\.ts)/,
  },
  'HTTP knows Fastify, contracts, refusals and the world': {
    place: /^src\/http\//,
    mayKnow:
      /^(fastify$|@fastify\/cors$|@sinclair\/typebox|secure-json-parse$|node:|schemas\/|src\/(http\/|errors\.ts|world\/worlds?\.ts))/,
    mayName: /^src\/operations\/(rule|index)\.ts$/,
  },
  'the control plane knows Fastify, contracts and the world, and neither rules nor how they are bound': {
    place: /^src\/control\//,
    mayKnow:
      /^(fastify$|@fastify\/type-provider-typebox$|@sinclair\/typebox$|node:(http|net|stream)$|schemas\/|src\/(control\/|world\/|errors\.ts|store\/snowflake\.ts|http\/(body|validation|world-name)\.ts|intercept\/|review\/|openapi\/pages\.ts$))/,
  },
  'the document knows contracts, statements and refusals': {
    place: /^src\/openapi\//,
    mayKnow: /^(@sinclair\/typebox$|node:(crypto|fs|fs\/promises)$|schemas\/|src\/(openapi\/|errors\.ts|package\.ts))/,
  },
  'what acts and looks from outside knows HTTP and the world': {
    place: /^src\/intercept\//,
    mayKnow:
      /^(fastify$|@sinclair\/typebox$|node:|schemas\/|src\/(intercept\/|world\/|errors\.ts|package\.ts|store\/snowflake\.ts|http\/(envelope|secrets)\.ts))/,
    mayName: /^src\/operations\/(rule|index)\.ts$/,
  },
  'the conformance kit knows contracts, the catalogue and how requests are signed, and nothing of this server': {
    place: /^src\/verify\//,
    mayKnow:
      /^(fast-check$|@sinclair\/typebox|node:|schemas\/|src\/(verify\/|errors\.ts|http\/signature\.ts|store\/snowflake\.ts|startup-error\.ts|package\.ts))/,
  },
  'the review knows entries of the journal': {
    place: /^src\/review\//,
    mayKnow: /^src\/(review\/|intercept\/search\.ts)/,
    mayName: /^src\/intercept\/entry\.ts$/,
  },
}

for (const [sentence, { place, mayKnow, mayName }] of Object.entries(rooms)) {
  t.test(sentence, async (t) => {
    const files = sources.filter((file) => place.test(file))
    t.ok(files.length > 0)
    for (const file of files) {
      for (const { from, isType } of importsOf(file)) {
        t.ok(mayKnow.test(from) || (isType && mayName?.test(from)), `${file} may not import ${from}`)
      }
    }
  })
}

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

t.test('the conformance kit is loaded when somebody asks for it, and not by who serves', async (t) => {
  for (const file of sources.filter((name) => !name.startsWith('src/verify/'))) {
    const early = importsOf(file).filter(({ from, isLate }) => from.startsWith('src/verify/') && !isLate)
    t.same(early, [], file)
  }
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

t.test('files stay small enough to read at a sitting', async (t) => {
  for (const file of sources) t.ok(readFileSync(file, 'utf8').split('\n').length <= 250, file)
})

t.test('every source file loads, so that coverage counts those that no test touches', async (t) => {
  for (const file of sources) t.ok(await import(new URL(`../${file}`, import.meta.url).href), file)
})
