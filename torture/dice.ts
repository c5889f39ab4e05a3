import { createRandom, randomFrom } from '../src/world/random.ts'

export type Dice = ReturnType<typeof diceOf>

/** Chance that repeats with its seed. */
export function diceOf(seed: number) {
  const random = createRandom(randomFrom(seed))
  const below = (limit: number): number => Math.floor(random.fraction() * limit)
  return {
    /** A whole number from 0 up to, not including, `limit`. */
    below,
    /** A whole number from `least` to `most`. */
    between: (least: number, most: number): number => least + below(most - least + 1),
    chance: (probability: number): boolean => random.fraction() < probability,
    /** @throws Error for an empty list */
    pick<Item>(items: readonly Item[]): Item {
      const item = items[below(items.length)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    /** Another generator, for a part that is to repeat whatever the others draw. */
    child: () => diceOf(below(2 ** 31)),
  }
}
