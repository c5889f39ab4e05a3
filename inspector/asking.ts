import { signal } from '@preact/signals'
import { place } from './place.ts'
import type { Told } from './stream.ts'

/** How the page stands with the emulator. */
export const connection = signal<Exclude<Told, { kind: 'event' }> | { readonly kind: 'beginning' }>({
  kind: 'beginning',
})

/** Counts up whenever a world is entered, another one or the same anew: what was asked for before is then of no use. */
let visit = 0

export const beginVisit = (): void => {
  visit += 1
}

/** In milliseconds. */
const patience = 1000

/**
 * Asks for something of the world that is looked at.
 *
 * @param insists whether it is asked for until there is an answer; while the emulator is away, that is left to when it is back
 */
export async function take<Answer>(
  ask: (world: string) => Promise<Answer>,
  keep: (answer: Answer) => void,
  insists = false,
): Promise<void> {
  const of = visit
  const answer = await ask(place.peek().world).catch(() => undefined)
  if (visit !== of) return
  if (answer !== undefined) keep(answer)
  else if (insists && connection.peek().kind !== 'lost')
    setTimeout(() => visit === of && void take(ask, keep, true), patience)
}
