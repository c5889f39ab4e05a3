import { setTimeout as wait } from 'node:timers/promises'
import { secretsOf } from './credentials.ts'
import type { Evidence } from './evidence.ts'
import { withoutSecrets } from './evidence.ts'
import { Interrupted } from './failures.ts'
import { patientWith } from './patience.ts'
import type { Target, TargetOptions } from './target.ts'
import { createTarget } from './target.ts'
import type { Workbench } from './workbench.ts'
import { layWorkbench } from './workbench.ts'

export interface SessionOptions extends Omit<TargetOptions, 'observe'> {
  /** Once it is aborted nothing new is asked of the target, and what was made is taken away. */
  readonly signal?: AbortSignal
  /** Told of each pause before it begins, in milliseconds. */
  readonly onPause?: (millis: number) => void
  /** Waits for a target that throttles; as long as it says unless told otherwise. */
  readonly rest?: ((millis: number) => Promise<void>) | undefined
}

/** A workbench over one target, what was said there, and the way out. */
export interface Session {
  readonly workbench: Workbench
  readonly isInterrupted: () => boolean
  /** Forgets the exchanges so far, so that `evidence` begins afresh. */
  beginEvidence(): void
  /** The last exchanges since the beginning, or up to the failure where an error is given; without secrets. */
  evidence(thrown?: unknown): readonly Evidence[]
  /** Takes away what was made, also after an interruption. */
  cleanUp(): Promise<void>
  /** Tries once more what could not be taken away. Returns what is left, a sentence each. */
  conclude(): Promise<readonly string[]>
  close(): void
}

/** More of them show no more. */
const mostExchanges = 12

export function openSession({ signal, onPause, rest, ...options }: SessionOptions): Session {
  const secrets = secretsOf(options.credentials)
  let exchanges: Evidence[] = []
  let failure: { readonly error: unknown; readonly exchanges: Evidence[] } | undefined
  let isCleaning = false
  const isInterrupted = () => signal?.aborted === true
  const goOn = () => {
    if (isInterrupted() && !isCleaning) throw new Interrupted('the run was interrupted')
  }
  const observe = (evidence: Evidence) => {
    exchanges = [...exchanges, withoutSecrets(evidence, secrets)].slice(-mostExchanges)
  }
  const restOrEnd = (millis: number) =>
    wait(millis, undefined, signal && { signal }).catch(() => {
      throw new Interrupted('the run was interrupted')
    })
  const pause = (millis: number) => {
    onPause?.(millis)
    return restOrEnd(millis)
  }
  const plain = guarded(createTarget({ ...options, observe }), goOn)
  const patient = patientWith(plain, rest ?? restOrEnd)
  // What is taken away has a patience of its own, which outlives an interruption.
  const asked = () => (isCleaning ? plain : patient)
  const target: Target = {
    ...plain,
    call: (operation, call) => asked().call(operation, call),
    send: (method, path, call) => asked().send(method, path, call),
    upload: (url, bytes) => asked().upload(url, bytes),
  }
  // What comes after a failure, such as the release of a lock, does not show it.
  const failing = (error: unknown) => {
    if (failure?.error !== error) failure = { error, exchanges }
  }
  const workbench = layWorkbench({ target, pause, failing, ...(rest && { rest }) })
  const whileCleaning = async <Left>(work: () => Promise<Left>): Promise<Left> => {
    isCleaning = true
    const left = await work()
    isCleaning = false
    return left
  }
  return {
    workbench,
    isInterrupted,
    beginEvidence() {
      exchanges = []
      failure = undefined
    },
    evidence: (thrown) => (failure !== undefined && failure.error === thrown ? failure.exchanges : exchanges),
    cleanUp: () => whileCleaning(workbench.cleanup.run),
    conclude: () => whileCleaning(workbench.cleanup.conclude),
    close: target.close,
  }
}

/** A target of which nothing is asked where `goOn` throws. */
function guarded(target: Target, goOn: () => void): Target {
  return {
    ...target,
    async call(operation, call) {
      goOn()
      return target.call(operation, call)
    },
    async send(method, path, call) {
      goOn()
      return target.send(method, path, call)
    },
    async upload(url, bytes) {
      goOn()
      return target.upload(url, bytes)
    },
  }
}
