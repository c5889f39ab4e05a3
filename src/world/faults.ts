import type { EffectOf, Fault, FaultEffect, NewFault } from './fault.ts'
import type { FaultSubject } from './fault-pattern.ts'
import { fits } from './fault-pattern.ts'
import type { Candidate } from './fault-plan.ts'
import { FaultPlan } from './fault-plan.ts'
import type { Random, RandomState } from './random.ts'
import { createRandom, randomFrom } from './random.ts'

/** What is to happen to one request. */
interface Planned {
  readonly plan: FaultPlan
  /** What somebody else does before it is judged, in the order in which the faults were made. */
  readonly interlopers: readonly Interloper[]
  /** The fault that lets its answer wait. */
  readonly delay: { readonly id: string; readonly effect: EffectOf<'latency'> } | undefined
}

/** Everything that faults are and did so far, as plain data. */
export interface FaultsState {
  readonly made: number
  /** Of the generator that draws spans. */
  readonly random: RandomState
  readonly chance: number
  readonly faults: readonly Fault[]
  /** Of throttles, by the id of the fault: the second that is being counted, and how many requests it had. */
  readonly seconds: readonly (readonly [id: string, second: number, count: number])[]
}

/** A fault of which somebody else acts; whether it fires shows when that is done. */
export interface Interloper {
  readonly fault: Fault
  readonly effect: EffectOf<'meanwhile'>
}

/** The faults of one world: tried in the order they were made. */
export class Faults {
  readonly #random: Random
  /** What draws of probabilities begin from. Each is a function of the fault and its count, so that no other fault moves it. */
  #chance: number
  readonly #faults = new Map<string, Fault>()
  /** Of throttles: the second that is being counted, and how many requests it had. */
  readonly #seconds = new WeakMap<Fault, { second: number; count: number }>()
  #made = 0

  /**
   * @param random draws spans and what probabilities begin from; not the world's own, whose ids faults must not move
   * @param before what other faults came to, from where these go on
   */
  constructor(random: Random, before?: FaultsState) {
    this.#random = random
    this.#chance = before?.chance ?? Math.floor(random.fraction() * 2 ** 32)
    if (before) this.#resume(before)
  }

  /** Copies: nothing that happens later reaches it. */
  state(): FaultsState {
    const faults = [...this.#faults.values()]
    const seconds = faults.flatMap((fault) => {
      const counted = this.#seconds.get(fault)
      return counted ? [[fault.id, counted.second, counted.count] as const] : []
    })
    return { made: this.#made, random: this.#random.state(), chance: this.#chance, faults: this.list(), seconds }
  }

  get isEmpty(): boolean {
    return this.#faults.size === 0
  }

  /** @param fault which the caller must not change any more; what is answered is a copy */
  add(fault: NewFault): Fault {
    this.#made += 1
    const added: Fault = { ...fault, id: `fault-${this.#made}`, matched: 0, hits: 0, paused: false }
    this.#faults.set(added.id, added)
    return structuredClone(added)
  }

  /** Copies: nothing that is done to them reaches the faults. */
  list(): Fault[] {
    return [...this.#faults.values()].map((fault) => structuredClone(fault))
  }

  /** Says what became of an interloper: counts it where something happened, and keeps why it was refused. */
  note({ fault }: Interloper, hasHappened: boolean, refused: string | undefined): void {
    if (hasHappened) fault.hits += 1
    if (refused !== undefined) fault.refused = refused
  }

  /** Says whether there was one. */
  remove(id: string): boolean {
    return this.#faults.delete(id)
  }

  clear(): void {
    this.#faults.clear()
  }

  /** Lets a fault pause or go on, and puts it in another place of the order. Says how it is now. */
  change(
    id: string,
    { paused, position }: { readonly paused?: boolean; readonly position?: number },
  ): Fault | undefined {
    const fault = this.#faults.get(id)
    if (fault === undefined) return undefined
    if (paused !== undefined) fault.paused = paused
    if (position !== undefined) {
      const others = [...this.#faults].filter(([other]) => other !== id)
      this.#faults.clear()
      for (const [key, one] of others.toSpliced(position, 0, [id, fault])) this.#faults.set(key, one)
    }
    return structuredClone(fault)
  }

  /** The same draws with no faults yet, for trying what the next one would do. */
  rehearsal(): Faults {
    const faults = new Faults(createRandom(randomFrom(this.#chance)))
    faults.#chance = this.#chance
    faults.#made = this.#made
    return faults
  }

  /**
   * What is to happen to a request, before its work. Every fault that fits counts it and decides by its own count, as if
   * it were alone; of several that let it wait, the first does, and of those in which somebody else acts, all.
   *
   * @param concerns whether an effect has anything to act on
   */
  plan(subject: FaultSubject, concerns: (effect: FaultEffect) => boolean): Planned {
    const candidates: Candidate[] = []
    const interlopers: Interloper[] = []
    let delay: Planned['delay']
    for (const fault of this.#faults.values()) {
      if (fault.paused || !fits(fault, subject) || !concerns(fault.effect)) continue
      const isDue = this.#count(fault, subject.now)
      const { id, effect } = fault
      if (effect.type === 'meanwhile') {
        if (isDue) interlopers.push({ fault, effect })
      } else if (effect.type !== 'latency') candidates.push({ fault, isDue })
      else if (isDue && delay === undefined) {
        fault.hits += 1
        delay = { id, effect }
      }
    }
    return { plan: new FaultPlan(candidates), interlopers, delay }
  }

  /** How long a latency lasts, in milliseconds; a range is drawn from. */
  span({ ms, min = 0, max = min }: EffectOf<'latency'>): number {
    return ms ?? Math.round(min + this.#random.fraction() * (max - min))
  }

  /** For the gateway's answers. */
  requestId(): string {
    return this.#random.uuid().replaceAll('-', '')
  }

  #resume({ made, faults, seconds }: FaultsState): void {
    this.#made = made
    for (const fault of faults) this.#faults.set(fault.id, structuredClone(fault))
    for (const [id, second, count] of seconds) {
      const fault = this.#faults.get(id)
      if (fault) this.#seconds.set(fault, { second, count })
    }
  }

  /** Counts a request that fits, and says whether the fault is due. */
  #count(fault: Fault, now: number): boolean {
    fault.matched += 1
    return this.#isDue(fault) && !this.#isWithinRate(fault, now)
  }

  #isDue({ id, when, matched }: Fault): boolean {
    if (when === undefined) return true
    if ('first' in when) return matched <= when.first
    if ('every' in when) return matched % when.every === 0
    if ('nth' in when) return matched === when.nth
    if ('from' in when) return matched >= when.from
    return this.#draw(id, matched) < when.probability
  }

  #draw(id: string, matched: number): number {
    const place = Math.imul(Number(id.slice('fault-'.length)), 0x9e3779b1) ^ Math.imul(matched, 0x85ebca6b)
    return createRandom(randomFrom(this.#chance ^ place)).fraction()
  }

  /** A throttle with a rate lets so many requests of each second pass. */
  #isWithinRate(fault: Fault, now: number): boolean {
    const { effect } = fault
    if (effect.type !== 'throttle' || effect.perSecond === undefined) return false
    const second = Math.floor(now / 1000)
    const before = this.#seconds.get(fault)
    const count = (before?.second === second ? before.count : 0) + 1
    this.#seconds.set(fault, { second, count })
    return count <= effect.perSecond
  }
}
