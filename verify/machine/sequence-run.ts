import type { OperationId } from '../../schemas/index.ts'
import type { StatementId } from '../../schemas/statements.ts'
import { defectOf, isDone, isRefused } from '../expect.ts'
import { Departure, Interrupted, Unobservable } from '../failures.ts'
import type { Answer, Call } from '../target.ts'
import type { Workbench } from '../workbench.ts'
import type { Model } from './model.ts'
import type { Reading } from './readings.ts'
import { grounds, readings } from './readings.ts'
import type { Trace, TracedRequest } from './trace.ts'
import { capture, newTrace, note } from './trace.ts'

/** The target did not do as a statement says. */
export class Mismatch extends Departure {
  readonly id: StatementId

  constructor(id: StatementId, otherwise: string) {
    super(otherwise)
    this.id = id
  }
}

/** A sequence cannot go on, for a difference that was known before. */
export class Abandoned extends Error {}

/** What every run of sequences is made with. */
export interface SequenceOptions {
  readonly workbench: Workbench
  /** What the target was seen to differ on: nothing rests on these, so that one difference does not hide others. */
  readonly avoid: ReadonlySet<StatementId>
  readonly isInterrupted: () => boolean
}

/** One run against the target: what was sent, and what should be there now. */
export interface SequenceRun {
  readonly model: Model
  readonly trace: Trace
  /**
   * Sends what is to succeed, on the strength of a statement: the operation's own, unless said otherwise.
   *
   * @throws Mismatch where it does not
   */
  legal<Id extends OperationId>(operation: Id, call: Call, id?: StatementId): Promise<Reading<Id>>
  /** Sends what is to be refused; nothing where the target is known to differ. @throws Mismatch where it is done */
  refused(id: StatementId, operation: OperationId, call: Call): Promise<void>
  /** Sends what may go either way. Returns `undefined` where it was refused. */
  attempt<Id extends OperationId>(operation: Id, call: Call): Promise<Reading<Id> | undefined>
  /** Sends the content of a file. @throws Mismatch where it is not taken */
  upload(id: StatementId, url: string, content: string): Promise<void>
  /** @throws Mismatch unless it holds, or the target is known to differ */
  agree(id: StatementId, holds: boolean, otherwise: string): void
  /** Whether something may rest on a statement: not where the target is known to differ. */
  allows(id: StatementId): boolean
  /** Names what the last answer gave, for a script that has to send it again. */
  capture(name: string, value: string, filter: string): void
}

/** What is about to be sent, and what it rests on. */
interface Sending extends Pick<TracedRequest, 'request' | 'expected'> {
  readonly id: StatementId
}

/** A client of the target; several may share a model. */
export function beginSequence({ workbench, avoid, isInterrupted }: SequenceOptions, model: Model): SequenceRun {
  const trace = newTrace()
  let last: TracedRequest | undefined

  const allows = (id: StatementId): boolean => !avoid.has(id)

  function agree(id: StatementId, holds: boolean, otherwise: string): void {
    if (!holds && allows(id)) throw new Mismatch(id, otherwise)
  }

  /** A statement without which the sequence cannot go on. */
  function require(id: StatementId, holds: boolean, otherwise: string): void {
    agree(id, holds, otherwise)
    if (!holds) throw new Abandoned(otherwise)
  }

  async function observed({ request, expected, id }: Sending, send: () => Promise<Answer>) {
    if (isInterrupted()) throw new Interrupted('the run was interrupted')
    const answer = await send().catch((error: unknown) => {
      if (error instanceof Departure) require(id, false, error.message)
      throw error
    })
    last = note(trace, request, expected, answer)
    if (answer.status === 401 || answer.status === 429) throw new Unobservable(`the target answered ${last.answered}`)
    return { answer, answered: last.answered }
  }

  async function exchange(operation: OperationId, call: Call, expected: string) {
    const send = () => workbench.call(operation, call)
    const seen = await observed({ request: { operation, call }, expected, id: grounds[operation] }, send)
    if (isDone(seen.answer)) followLocks(model, operation, call, seen.answer.json)
    return seen
  }

  /** The answer in the form that steps read. @throws Mismatch for any other */
  function reading<Id extends OperationId>(operation: Id, { json }: Answer, id: StatementId): Reading<Id> {
    const defect = defectOf(readings[operation], json)
    require(id, defect === undefined, `${operation} answered in a wrong form: ${defect}`)
    return json as Reading<Id> // just checked
  }

  return {
    model,
    trace,
    allows,
    agree,
    async legal(operation, call, id = grounds[operation]) {
      const { answer, answered } = await exchange(operation, call, `success [${id}]`)
      require(id, isDone(answer), `${operation} was to succeed, but was answered ${answered}`)
      return reading(operation, answer, id)
    },
    async refused(id, operation, call) {
      if (!allows(id)) return
      const { answer, answered } = await exchange(operation, call, `a refusal [${id}]`)
      require(id, isRefused(answer), `${operation} was to be refused, but was answered ${answered}`)
    },
    async attempt(operation, call) {
      const { answer, answered } = await exchange(operation, call, 'either')
      if (answer.status >= 500) throw new Unobservable(`the target answered ${answered}`)
      return isDone(answer) ? reading(operation, answer, grounds[operation]) : undefined
    },
    async upload(id, url, content) {
      const send = () => workbench.target.upload(url, Buffer.from(content))
      const { answer, answered } = await observed(
        { request: { upload: url, content }, expected: `success [${id}]`, id },
        send,
      )
      require(id, answer.status === 200, `the upload was to succeed, but was answered ${answered}`)
    },
    capture(name, value, filter) {
      if (last) capture(trace, last, name, value, filter)
    },
  }
}

/** Whether it was right or not: a lock that was given is in the way of all that follow. */
function followLocks({ locks }: Model, operation: OperationId, { lockId, body }: Call, answer: unknown): void {
  const { lockId: given } = Object(Object(answer).data)
  if (operation === 'createBackupLock' && typeof given === 'string')
    locks.push({ id: given, moduleCode: Object(body).moduleCode, isLive: true })
  if (operation === 'releaseBackupLock') for (const lock of locks) lock.isLive &&= lock.id !== lockId
}
