/**
 * Works through a list, so many at a time.
 *
 * @param goesOn asked before each; what is under way comes to its end
 * @returns in the order of the list
 */
export async function inTurns<Item, Result>(
  items: readonly Item[],
  jobs: number,
  goesOn: () => boolean,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const waiting = [...items.entries()]
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined && goesOn(); next = waiting.shift()) {
      const [place, item] = next
      results.set(place, await work(item))
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return items.flatMap((_, place) => (results.has(place) ? [results.get(place) as Result] : [])) // it is there
}
