/** What one client did: when it asked, when it was answered, and what. Times are any numbers that only grow. */
export interface HistoryOperation<Input, Output> {
  readonly client: number
  readonly invoked: number
  /** `Infinity` where no answer ever came: it may have happened at any time since, or not at all. */
  readonly returned: number
  readonly input: Input
  /** `undefined` where no answer ever came. */
  readonly output: Output | undefined
}

/** What a thing would do if everybody used it one after the other. */
export interface SequentialSpecification<State, Input, Output> {
  readonly initial: State
  /** The state behind an operation; `undefined` where it cannot have been answered so in this state. */
  step(state: State, input: Input, output: Output | undefined): State | undefined
  /** The same text for the same state, and for no other. */
  key(state: State): string
  /** Whether an operation answered so leaves every state as it is. What is said here saves a search most of its time. */
  isQuery?(input: Input, output: Output | undefined): boolean
}

export type Judgement<Input, Output> = { readonly linearizable: true } | Objection<Input, Output>

export interface Objection<Input, Output> {
  readonly linearizable: false
  /** The first answer that no order reaches, whatever is left out of what was answered after it. */
  readonly inexplicable: HistoryOperation<Input, Output>
  /** Whatever else was under way between its question and its answer. */
  readonly around: readonly HistoryOperation<Input, Output>[]
  /** The keys of all states in which it may have found the thing. */
  readonly states: readonly string[]
}

/** A place in the list by time, or the head of that list. */
interface Link<Input, Output> {
  next: Event<Input, Output> | undefined
}

/** An invocation or an answer that was not put in order yet. */
interface Event<Input, Output> extends Link<Input, Output> {
  readonly operation: HistoryOperation<Input, Output>
  /** The operation's place among all by the time of their answers. */
  readonly rank: number
  readonly isAnswer: boolean
  /** What belongs to an invocation, if it came. */
  readonly answer?: Event<Input, Output> | undefined
  previous: Link<Input, Output>
}

/** What was put in order: all of a lower rank than `passed`, and those `ahead` of it. */
interface Progress {
  readonly passed: number
  /** Ranks, ascending: never more than were under way at once, so that this is small in the longest of histories. */
  readonly ahead: readonly number[]
}

interface Taken<State, Input, Output> {
  readonly invocation: Event<Input, Output>
  readonly isQuery: boolean
  readonly before: Progress & { readonly state: State }
}

/** The furthest answer that was reached and could not be passed, and the states in which it was reached. */
interface Wall<Input, Output> {
  readonly answer: Event<Input, Output>
  readonly states: Set<string>
}

/**
 * Whether some order of all operations explains every answer, and has nothing before what was answered when it was asked
 * (Herlihy and Wing). Orders are tried depth first, and no configuration – what was put in order, and the state that it
 * led to – is tried twice (Wing and Gong, Lowe). Meant for one thing at a time: a history of several is linearizable
 * where that of each is.
 */
export function judge<State, Input, Output>(
  model: SequentialSpecification<State, Input, Output>,
  history: readonly HistoryOperation<Input, Output>[],
): Judgement<Input, Output> {
  const answered = history.filter(isAnswered).length
  const head = listOf(history)
  const tried = new Set<string>()
  const order: Taken<State, Input, Output>[] = []
  let progress: Taken<State, Input, Output>['before'] = { state: model.initial, passed: 0, ahead: [] }
  let wall: Wall<Input, Output> | undefined
  let event = head.next

  /** Puts an operation next in order, unless its answer forbids it, or that was tried. Returns what to try then. */
  function take(invocation: Event<Input, Output>): Event<Input, Output> | undefined {
    const { input, output } = invocation.operation
    const state = model.step(progress.state, input, output)
    if (state === undefined) return invocation.next
    const isQuery = model.isQuery?.(input, output) ?? false
    const after = { state, ...including(progress, invocation.rank) }
    const configuration = `${after.passed} ${after.ahead} ${model.key(state)}`
    // What a query cannot come before, it cannot come behind either.
    if (tried.has(configuration)) return isQuery ? takeBack() : invocation.next
    tried.add(configuration)
    order.push({ invocation, isQuery, before: progress })
    lift(invocation)
    progress = after
    return head.next
  }

  /** What was put in order last must come later. Returns what to try in its place. */
  function takeBack(): Event<Input, Output> | undefined {
    for (let last = order.pop(); last !== undefined; last = order.pop()) {
      restore(last.invocation)
      progress = last.before
      if (!last.isQuery) return last.invocation.next
    }
    return undefined
  }

  /** Nothing more fits before an answer. */
  function hit(answer: Event<Input, Output>): void {
    if (wall === undefined || answer.rank > wall.answer.rank) wall = { answer, states: new Set() }
    if (answer.rank === wall.answer.rank) wall.states.add(model.key(progress.state))
  }

  while (progress.passed < answered && event !== undefined) {
    if (event.isAnswer) hit(event)
    event = event.isAnswer ? takeBack() : take(event)
  }
  return wall === undefined || progress.passed >= answered ? { linearizable: true } : objection(history, wall)
}

function including({ passed, ahead }: Progress, rank: number): Progress {
  if (rank !== passed) return { passed, ahead: [...ahead, rank].sort((one, other) => one - other) }
  let run = 0
  while (ahead[run] === passed + 1 + run) run += 1
  return { passed: passed + 1 + run, ahead: ahead.slice(run) }
}

function objection<Input, Output>(
  history: readonly HistoryOperation<Input, Output>[],
  { answer: { operation }, states }: Wall<Input, Output>,
): Objection<Input, Output> {
  const isAround = (other: HistoryOperation<Input, Output>) =>
    other !== operation && other.invoked <= operation.returned && other.returned >= operation.invoked
  return {
    linearizable: false,
    inexplicable: operation,
    around: history.filter(isAround),
    states: [...states],
  }
}

/** All invocations and answers by time. Of the same time, invocations come first: nothing says that they came later. */
function listOf<Input, Output>(history: readonly HistoryOperation<Input, Output>[]): Link<Input, Output> {
  const head: Link<Input, Output> = { next: undefined }
  const ranked = [...history].sort(byAnswer)
  const unlinked = { next: undefined, previous: head }
  const answers = ranked
    .filter(isAnswered)
    .map((operation, rank): Event<Input, Output> => ({ ...unlinked, operation, rank, isAnswer: true }))
  const invocations = ranked.map((operation, rank): Event<Input, Output> => {
    return { ...unlinked, operation, rank, isAnswer: false, answer: answers[rank] }
  })
  let last = head
  for (const event of [...invocations, ...answers].sort((one, other) => timeOf(one) - timeOf(other))) {
    event.previous = last
    last.next = event
    last = event
  }
  return head
}

/** Those without an answer last; a difference of two infinities would be none. */
const byAnswer = (one: { readonly returned: number }, other: { readonly returned: number }): number =>
  Number(one.returned > other.returned) - Number(one.returned < other.returned)

const isAnswered = ({ returned }: { readonly returned: number }): boolean => returned < Number.POSITIVE_INFINITY

const timeOf = <Input, Output>({ isAnswer, operation }: Event<Input, Output>): number =>
  isAnswer ? operation.returned : operation.invoked

function unlink<Input, Output>(event: Event<Input, Output>): void {
  event.previous.next = event.next
  if (event.next) event.next.previous = event.previous
}

function relink<Input, Output>(event: Event<Input, Output>): void {
  event.previous.next = event
  if (event.next) event.next.previous = event
}

/** Takes an invocation and its answer out of the list. */
function lift<Input, Output>(invocation: Event<Input, Output>): void {
  unlink(invocation)
  if (invocation.answer) unlink(invocation.answer)
}

/** Undoes the last `lift` that was not undone. */
function restore<Input, Output>(invocation: Event<Input, Output>): void {
  if (invocation.answer) relink(invocation.answer)
  relink(invocation)
}
