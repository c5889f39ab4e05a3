import type { Adversity } from './adversity.ts'
import type { Kind } from './kind.ts'
import { counted } from './text.ts'
import type { JudgedRun } from './trial.ts'
import { isFailing } from './verdict.ts'

/** What a run costs beside the client, in milliseconds: an emulator that starts and ends. */
const frameMillis = 60

/** Tells people who wait how far it is. */
export class ProgressTeller {
  readonly #complain: (text: string) => void
  readonly #jobs: number
  #planned = 0
  #done = 0
  #told = 0

  constructor(complain: (text: string) => void, jobs: number) {
    this.#complain = complain
    this.#jobs = jobs
  }

  begin({ calls, runs }: Kind, plan: readonly Adversity[]): void {
    this.#planned = plan.length
    const millis = runs[1].millis
    const seconds = Math.ceil((plan.length * (millis + frameMillis)) / this.#jobs / 1000)
    const work = `${counted(plan.length, 'adversity', 'adversities')}, about ${seconds} s with ${counted(this.#jobs, 'job')}`
    this.#complain(`without mishap: ${counted(calls.length, 'call')} in ${(millis / 1000).toFixed(1)} s; ${work}\n`)
  }

  /** So many more are to be tried than was planned. */
  expect(count: number): void {
    this.#planned += count
    this.#told = Math.floor((4 * this.#done) / this.#planned)
  }

  tell({ adversity, verdict }: JudgedRun): void {
    this.#done += 1
    if (isFailing(verdict)) this.#complain(`${this.#done}/${this.#planned}  ${verdict}  ${adversity.id}\n`)
    const quarter = Math.floor((4 * this.#done) / this.#planned)
    if (quarter <= this.#told || quarter >= 4) return
    this.#told = quarter
    this.#complain(`${this.#done}/${this.#planned}\n`)
  }
}
