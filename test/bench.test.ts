import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { SetRatios } from '../bench/guard-verdict.ts'
import { judge } from '../bench/guard-verdict.ts'
import { optionsOf, partNames, usage } from '../bench/options.ts'
import type { Call, Session, Told } from '../bench/session.ts'
import { backup, everything } from '../bench/session.ts'
import { figureOf, median, written, writtenFigure } from '../bench/statistics.ts'
import { atLeast, atMost, besideNoise, reported } from '../bench/verdict.ts'
import { contracts } from '../schemas/index.ts'
import { startEmulator } from '../src/index.ts'
import { runProcess } from './fixtures/process.ts'

t.test('a figure is the middle of its values with the least and the most, in any order', async (t) => {
  t.same(figureOf([3, 1, 2]), { median: 2, min: 1, max: 3 })
  t.same(figureOf([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 })
  t.same(figureOf([]), { median: Number.NaN, min: Number.NaN, max: Number.NaN })
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), (values) => {
      const { median: middle, min, max } = figureOf(values)
      const notMore = values.filter((value) => value <= middle).length
      const notLess = values.filter((value) => value >= middle).length
      return min <= middle && middle <= max && 2 * notMore >= values.length && 2 * notLess >= values.length
    }),
  )
  t.equal(median([1, 9, 5]), 5)
  t.same([0.5119, 4.526, 18.72, 1239.6].map(written), ['0.512', '4.53', '18.7', '1,240'])
  t.equal(writtenFigure({ median: 0.5, min: 0.25, max: 1 }), '0.500 (0.250–1.00)')
})

t.test('a target is met by the median, whatever the range, and what has none is only reported', async (t) => {
  const figure = { median: 0.55, min: 0.1, max: 2 }
  t.match(atLeast('w', 0.55, figure), { what: 'w', target: '≥ 0.55', isMet: true, figure })
  t.match(atLeast('w', 0.551, figure), { target: '≥ 0.551', isMet: false })
  t.match(atMost('w', 0.55, figure), { target: '≤ 0.55', isMet: true })
  t.match(atMost('w', 1 / 20, figure), { target: '≤ 0.05', isMet: false })
  t.equal(atLeast('w', 1, figureOf([])).isMet, false)
  t.equal(atMost('w', 1, figureOf([])).isMet, false)
  t.strictSame(reported('w', figure), { what: 'w', figure, isMet: true })
  const noise = figureOf([1])
  t.strictSame(besideNoise(noise, [reported('w', figure)]), [{ what: 'w', figure, isMet: true, noise }])
})

/** A number of the normal distribution, from two of the uniform one. */
const normal = (one: number, other: number): number => Math.sqrt(-2 * Math.log(1 - one)) * Math.cos(2 * Math.PI * other)

/** Sets of three processes, each luckier than another by so much; the product now is so many times as fast as the base. */
function setsOf(luck: number, speed: number, chance: readonly number[]): SetRatios[] {
  const draw = (index: number): number => Math.exp(luck * normal(chance[index] ?? 0.5, chance[index + 1] ?? 0.5))
  return Array.from({ length: Math.floor(chance.length / 6) }, (_, set) => {
    const [base, now, again] = [draw(6 * set), speed * draw(6 * set + 2), draw(6 * set + 4)]
    return { now: now / base, again: again / base }
  })
}

/** The share of runs in which that is said to be slower. */
function shareSlower(luck: number, speed: number): number {
  let seed = 7
  const random = (): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 2 ** 32
  }
  const runs = 2000
  let slower = 0
  for (let run = 0; run < runs; run += 1) {
    if (judge(setsOf(luck, speed, Array.from({ length: 60 }, random))).isSlower) slower += 1
  }
  return slower / runs
}

t.test(
  'the guard calls what is the same slower hardly ever, and what is slower slower, as far as noise allows',
  async (t) => {
    for (const luck of [0.005, 0.05, 0.1]) t.ok(shareSlower(luck, 1) < 0.01, `equals, processes differ by ${luck}`)
    for (const luck of [0.005, 0.05]) t.ok(shareSlower(luck, 0.7) > 0.95, `a third slower, processes differ by ${luck}`)
    t.ok(shareSlower(0.005, 0.96) > 0.95, 'one in twenty-five, on a quiet machine')
    t.equal(shareSlower(0.05, 1.4), 0, 'faster is never slower')
  },
)

t.test(
  'the guard compares with the middle of two equals, and forgives two in a hundred where there is no noise',
  async (t) => {
    t.match(judge([{ now: 1, again: 1 }]), { ratio: 1, noise: 0.02, isSlower: false })
    t.match(judge([{ now: 0.97, again: 1 }]), { noise: 0.02, isSlower: true })
    t.match(judge([{ now: 0.985, again: 1 }]), { isSlower: false })
    const { ratio, noise } = judge([{ now: 0.9, again: 0.81 }])
    t.ok(Math.abs(ratio - 1) < 1e-9, 'the first base was lucky')
    t.ok(noise > 0.2)
  },
)

t.test('how long the benchmark takes, its help and its pages say alike', async (t) => {
  const texts = [usage, readFileSync('bench/README.md', 'utf8'), readFileSync('docs/about/performance.md', 'utf8')]
  for (const text of texts) t.match(text, /\babout twenty minutes\b[\s\S]*--quick`?[\s\S]{1,60}\bfive\b/i)
})

t.test('the benchmark takes what its help names, and says of the rest what would be right', async (t) => {
  const all = { parts: partNames, quick: false, strict: false, json: 'bench/results.json' }
  t.strictSame({ ...optionsOf([]) }, all)
  t.strictSame(
    { ...optionsOf(['--only', 'suite', '--quick', '--strict', '--json', 'f']) },
    { parts: ['suite'], quick: true, strict: true, json: 'f' },
  )
  t.strictSame({ ...optionsOf(['--guard']) }, { ...all, guard: { commit: undefined } })
  t.strictSame({ ...optionsOf(['--guard', 'v0.2.0']) }, { ...all, guard: { commit: 'v0.2.0' } })
  t.throws(() => optionsOf(['--only', 'speed']), { message: `--only takes ${partNames.join(', ')}, not "speed"` })
  t.throws(() => optionsOf(['v0.2.0']), { message: /^v0\.2\.0 is one argument too many; only --guard takes one/ })
  t.throws(() => optionsOf(['--guard', 'a', 'b']), { message: /^b is one argument too many/ })
  for (const other of [['--quick'], ['--strict'], ['--only', 'suite'], ['--json', 'f']])
    t.throws(() => optionsOf(['--guard', ...other]), { message: '--guard takes a commit and nothing else' })
  t.throws(() => optionsOf(['--fast']), { message: /--fast/ })
})

t.test('a commit that git does not know is said in one sentence, and the status is 2', async (t) => {
  const run = runProcess(t, process.execPath, ['bench/index.ts', '--guard', 'no-such-commit'])
  t.match(await run.exited, { code: 2 }, run.stderr())
  t.match(run.stderr(), /^git knows no commit no-such-commit; expected [^\n]*\n$/)
  t.equal(run.stdout(), '')
})

t.test('the mixed load asks for every operation, a suite for twenty calls, and all of them succeed', async (t) => {
  const emulator = await startEmulator()
  t.teardown(() => emulator.close())
  const world = emulator.world('mixed')
  const ask = async ({ method, target, headers, body }: Call): Promise<Told> => {
    const own = { authorization: 'Bearer t', 'x-user-id': 'u', 'content-type': 'application/json', ...headers }
    const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '')
    const address = target.startsWith('/') ? `${world.url}${target}` : target
    const answer = await fetch(address, { method, headers: { ...own, 'x-date': date }, body: body ?? null })
    const text = await answer.text()
    t.equal(answer.status, 200, `${method} ${target}: ${text}`)
    return text === '' ? {} : JSON.parse(text)
  }
  const all = async (session: Session<unknown>): Promise<number> => {
    let [calls, step] = [0, session.next({})]
    for (; !step.done; calls += 1) step = session.next(await ask(step.value))
    return calls
  }
  t.equal(await all(backup('LAPTOP')), 20)
  const calls = await all(everything('MACHINE'))
  const met = new Set(
    world
      .requests()
      .slice(-calls)
      .map(({ operation }) => operation),
  )
  for (const id of Object.keys(contracts)) t.ok(met.has(id), id)
})

t.test('a session goes on where an answer tells nothing, so that the status is what is complained of', async (t) => {
  for (const told of [{}, { data: [], multiParts: [] }]) {
    const session = everything('MACHINE')
    let step = session.next(told)
    for (; !step.done; step = session.next(told)) t.type(step.value.method, 'string')
  }
})
