import fc from 'fast-check'
import t from 'tap'
import type { HistoryOperation, SequentialSpecification } from '../../verify/linearizable.ts'
import { judge } from '../../verify/linearizable.ts'
import type { ConfigInput, ConfigOutput, LockInput, LockOutput } from '../../verify/models.ts'
import { configModel, lockModel } from '../../verify/models.ts'

type Step<Input, Output> = HistoryOperation<Input, Output>
type ConfigStep = Step<ConfigInput, ConfigOutput>
type LockStep = Step<LockInput, LockOutput>

const never = Number.POSITIVE_INFINITY

const set = (client: number, invoked: number, returned: number, current: string, next: string, output?: boolean) =>
  ({ client, invoked, returned, input: { kind: 'set', current, next }, output }) satisfies ConfigStep

const read = (client: number, invoked: number, returned: number, output?: string) =>
  ({ client, invoked, returned, input: { kind: 'read' }, output }) satisfies ConfigStep

const create = (client: number, invoked: number, returned: number, lockId?: string | false) =>
  ({
    client,
    invoked,
    returned,
    input: { kind: 'create' },
    output: typeof lockId === 'string' ? { lockId } : lockId,
  }) satisfies LockStep

const use = (
  kind: 'renew' | 'release',
  client: number,
  invoked: number,
  returned: number,
  lockId: string,
  output?: boolean,
) => ({ client, invoked, returned, input: { kind, lockId }, output }) satisfies LockStep

const config = configModel('a')

t.test('CFG-2: compare-and-sets that overlap may take effect in any order', async (t) => {
  const overlapping = [
    set(1, 1, 5, 'b', 'c', true),
    set(2, 2, 6, 'a', 'b', true),
    read(3, 3, 4, 'a'),
    read(3, 7, 8, 'c'),
  ]
  t.same(judge(config, overlapping), { linearizable: true })
  t.same(judge(config, []), { linearizable: true })
  t.same(judge(config, [set(1, 1, 2, 'b', 'c', false), set(1, 3, 4, 'a', 'c', true)]), { linearizable: true })
  t.same(judge(config, [read(1, 1, 2, 'a'), set(2, 2, 3, 'a', 'b', true)]), { linearizable: true })
  t.same(judge(config, [read(1, 1, 2, 'b'), set(2, 2, 3, 'a', 'b', true)]), { linearizable: true }, 'of the same time')
})

t.test('CFG-2: a lost update is found, and what was around it', async (t) => {
  const [first, second, after] = [set(1, 1, 4, 'a', 'b', true), set(2, 2, 3, 'a', 'c', true), read(1, 9, 10, 'b')]
  t.same(judge(config, [after, first, second]), {
    linearizable: false,
    inexplicable: first,
    around: [second],
    states: ['c'],
  })
})

t.test('CFG-2: a stale read is found, as late as it is', async (t) => {
  const history = [set(1, 1, 2, 'a', 'b', true), read(2, 3, 4, 'b'), read(3, 5, 6, 'a'), read(2, 7, 8, 'b')]
  t.match(judge(config, history), { linearizable: false, inexplicable: history[2], around: [], states: ['b'] })
  const backwards = [set(1, 1, 9, 'a', 'b', true), read(2, 2, 3, 'b'), read(2, 4, 5, 'a')]
  t.match(judge(config, backwards), { linearizable: false, inexplicable: backwards[2], around: [backwards[0]] })
  const refused = [set(1, 1, 2, 'a', 'b', false)]
  t.match(judge(config, refused), { linearizable: false, inexplicable: refused[0], states: ['a'] })
})

t.test('CFG-2: what was never answered may have happened, or not, or happen later', async (t) => {
  const lost = set(1, 1, never, 'a', 'b')
  t.same(judge(config, [lost, read(2, 2, 3, 'a'), read(2, 4, 5, 'b')]), { linearizable: true })
  t.same(judge(config, [lost, read(2, 2, 3, 'a'), read(2, 4, 5, 'a')]), { linearizable: true })
  t.same(judge(config, [lost, read(1, 1, never), set(3, 1, never, 'x', 'y')]), { linearizable: true })
  t.match(judge(config, [lost, read(2, 2, 3, 'b'), read(2, 4, 5, 'a')]), { linearizable: false, around: [lost] })
})

t.test('DEC-25 LOC-2 LOC-3: locks that are created, renewed and released by turns', async (t) => {
  const turns = [
    create(1, 1, 4, 'x'),
    create(2, 2, 3, false),
    use('renew', 1, 5, 6, 'x', true),
    use('release', 1, 7, 10, 'x', true),
    create(2, 8, 9, 'y'),
    use('renew', 1, 11, 12, 'x', false),
    use('release', 1, 13, 14, 'x', false),
  ]
  t.same(judge(lockModel, turns), { linearizable: true })
})

t.test('DEC-25: a lock granted twice is found, and one refused that nobody holds', async (t) => {
  const twice = [create(1, 1, 4, 'x'), create(2, 2, 3, 'y')]
  t.same(judge(lockModel, twice), { linearizable: false, inexplicable: twice[0], around: [twice[1]], states: ['y'] })
  t.match(judge(lockModel, [create(1, 1, 2, false)]), { linearizable: false, states: [''] })
  t.match(judge(lockModel, [create(1, 1, 2, 'x'), use('renew', 1, 3, 4, 'x', false)]), { linearizable: false })
  t.match(judge(lockModel, [use('release', 1, 3, 4, 'x', true)]), { linearizable: false })
})

t.test('DEC-25: a lock may have been given, renewed or released without a word', async (t) => {
  t.same(judge(lockModel, [create(1, 1, never), create(2, 2, 3, false)]), { linearizable: true })
  t.same(judge(lockModel, [create(1, 1, never), create(2, 2, 3, 'x'), create(2, 4, 5, false)]), { linearizable: true })
  const released = [
    create(1, 1, 2, 'x'),
    use('release', 1, 3, never, 'x'),
    create(2, 4, 5, false),
    create(2, 6, 7, 'y'),
  ]
  t.same(judge(lockModel, released), { linearizable: true })
  t.same(judge(lockModel, [use('renew', 1, 1, never, 'x'), create(1, 1, never), create(2, 2, 3, false)]), {
    linearizable: true,
  })
  t.match(judge(lockModel, [create(1, 1, never), create(2, 2, 3, false), create(2, 4, 5, 'x')]), {
    linearizable: false,
  })
})

/** Whether an order explains it, tried one after the other. */
function isExplained<State, Input, Output>(
  model: SequentialSpecification<State, Input, Output>,
  state: State,
  rest: readonly Step<Input, Output>[],
): boolean {
  if (rest.every(({ returned }) => returned === never)) return true
  return rest.some((step) => {
    const isNext = rest.every((other) => other === step || other.returned >= step.invoked)
    const next = isNext ? model.step(state, step.input, step.output) : undefined
    return (
      next !== undefined &&
      isExplained(
        model,
        next,
        rest.filter((other) => other !== step),
      )
    )
  })
}

/** The first answer that no order reaches. What had none by then may be left out. */
function shortest<State, Input, Output>(
  model: SequentialSpecification<State, Input, Output>,
  history: readonly Step<Input, Output>[],
) {
  const until = (end: number) =>
    history
      .filter(({ invoked }) => invoked <= end)
      .map((step) => (step.returned <= end ? step : { ...step, returned: never }))
  const ends = history.map(({ returned }) => returned).sort((one, other) => one - other)
  return ends.find((end) => !isExplained(model, model.initial, until(end)))
}

const word = fc.constantFrom('a', 'b', 'c')
const times = { client: fc.nat(4), invoked: fc.nat(12), lasts: fc.oneof(fc.nat(8), fc.constant(never)) }

const stepsOf = <Input, Output>(input: fc.Arbitrary<{ input: Input; output: Output }>) =>
  fc.array(
    fc.record({ ...times, asked: input }).map(({ client, invoked, lasts, asked }) => ({
      client,
      invoked,
      returned: invoked + lasts,
      input: asked.input,
      output: lasts === never ? undefined : asked.output,
    })),
    { maxLength: 7 },
  )

const configSteps = stepsOf<ConfigInput, ConfigOutput>(
  fc.oneof(
    fc.record({ input: fc.constant({ kind: 'read' as const }), output: word }),
    fc.record({
      input: fc.record({ kind: fc.constant('set' as const), current: word, next: word }),
      output: fc.boolean(),
    }),
  ),
)

const lockId = fc.constantFrom('x', 'y')
const lockSteps = stepsOf<LockInput, LockOutput>(
  fc.oneof(
    fc.record({
      input: fc.constant({ kind: 'create' as const }),
      output: fc.oneof(fc.record({ lockId }), fc.constant(false as const)),
    }),
    fc.record({ input: fc.record({ kind: fc.constantFrom('renew', 'release'), lockId }), output: fc.boolean() }),
  ),
)

t.test('the judgement is that of trying every order, and names the first answer that none explains', async (t) => {
  const counts = { explained: 0, not: 0 }
  const withoutQueries = <State, Input, Output>({
    initial,
    step,
    key,
  }: SequentialSpecification<State, Input, Output>) => ({
    initial,
    step,
    key,
  })
  const agrees = <State, Input, Output>(
    model: SequentialSpecification<State, Input, Output>,
    history: Step<Input, Output>[],
  ) => {
    const judgement = judge(model, history)
    counts[judgement.linearizable ? 'explained' : 'not'] += 1
    t.same(judge(withoutQueries(model), history), judgement)
    const end = judgement.linearizable ? undefined : judgement.inexplicable.returned
    return end === shortest(model, history) && judgement.linearizable === isExplained(model, model.initial, history)
  }
  fc.assert(
    fc.property(configSteps, (history) => agrees(config, history)),
    { seed: 1, numRuns: 1500 },
  )
  fc.assert(
    fc.property(lockSteps, (history) => agrees(lockModel, history)),
    { seed: 1, numRuns: 1500 },
  )
  t.ok(counts.explained > 300 && counts.not > 300, 'both kinds were among them')
})

/** A history as of so many clients of a configuration that is as it should be; some of them wait long for an answer. */
function longHistory(length: number, clients: number, random: () => number): ConfigStep[] {
  const free = Array.from({ length: clients }, () => 0)
  let value = '0'
  return Array.from({ length }, (_, index) => {
    // What happens at `index` was asked for before, and is answered after it.
    const idle = free.flatMap((since, client) => (since < index ? [client] : []))
    const client = idle[Math.floor(random() * idle.length)] ?? 0
    const invoked = Math.max(free[client] ?? 0, index - 3 * random())
    const returned = index + (idle.length > 4 && random() < 0.01 ? 200 : 3) * random()
    free[client] = returned
    if (random() < 0.3) return read(client, invoked, returned, value)
    const [current, next] = [random() < 0.7 ? value : `${Math.floor(random() * 5)}`, `${Math.floor(random() * 5)}`]
    const isMatch = current === value
    if (isMatch) value = next
    return set(client, invoked, returned, current, next, isMatch)
  })
}

t.test('a hundred thousand operations of many clients are judged, with what is wrong at their end', async (t) => {
  let drawn = 7
  const draw = () => {
    drawn = (drawn * 48_271) % 2_147_483_647 // Lehmer's: quick, and good enough for this
    return drawn / 2_147_483_647
  }
  const [lost, last] = [set(98, 5_000.5, never, 'q', 'z'), read(99, 300_000, 300_001, 'gone')]
  t.ok(judge(configModel('0'), [...longHistory(20_000, 8, draw), lost]).linearizable)
  const judgement = judge(configModel('0'), [...longHistory(100_000, 64, draw), lost, last])
  t.ok(!judgement.linearizable && judgement.inexplicable === last, 'all but the last one are explained')
})
