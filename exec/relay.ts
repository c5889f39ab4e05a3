import type { ChildProcess } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { endSignals, watchSignals } from '../cli/interruption.ts'

/** Who is told of signals, and how. */
export interface RelayOptions {
  readonly signals: EventEmitter
  readonly wallClock: () => number
  /** Whether Ctrl-C reaches the command by itself. */
  readonly isInTerminal: boolean
}

/** The command's to answer, whatever its answer is. */
const passed = endSignals.filter((name) => name !== 'SIGINT')

/**
 * Passes on to a command what this process is told: Ctrl-C only where no terminal does, and a second one as an end. This
 * process itself obeys none of them, so that it can put things in order.
 */
export class Relay {
  readonly #off: () => void
  #child: ChildProcess | undefined
  #early: NodeJS.Signals | undefined

  constructor({ signals, wallClock, isInTerminal }: RelayOptions) {
    const pass = (name: NodeJS.Signals) => this.#pass(name)
    const interruption = watchSignals(signals, wallClock, () => pass('SIGKILL'), ['SIGINT'])
    interruption.signal.addEventListener('abort', () => (isInTerminal && this.#child ? undefined : pass('SIGINT')))
    for (const name of passed) signals.on(name, pass)
    this.#off = () => {
      interruption.stop()
      for (const name of passed) signals.off(name, pass)
    }
  }

  /** What came before there was a command. */
  get early(): NodeJS.Signals | undefined {
    return this.#early
  }

  to(child: ChildProcess): void {
    this.#child = child
  }

  stop(): void {
    this.#off()
  }

  #pass(name: NodeJS.Signals): void {
    if (this.#child) this.#child.kill(name)
    else this.#early ??= name
  }
}
