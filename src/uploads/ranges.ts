/** How long a reason's lists may be together: DEC-15 cuts it at 512 characters. */
export const listRoom = 300

/** Ascending numbers as people write them: `2-3, 5`; a list that is too long says how many numbers it leaves out. */
const ranges = (numbers: readonly number[], room: number): string =>
  listed(
    rangesOf(numbers).map(([first, last]) => ({
      text: first === last ? `${first}` : `${first}-${last}`,
      count: last - first + 1,
    })),
    room,
  )

interface Item {
  readonly text: string
  /** How many things it stands for. */
  readonly count: number
}

/** As many items as there is room for, at least one, and how many things the others stand for. */
export function listed(items: readonly Item[], room: number): string {
  const shown: string[] = []
  let left = room
  for (const { text } of items) {
    left -= text.length + 2
    if (left < 0 && shown.length > 0) break
    shown.push(text)
  }
  const others = items.slice(shown.length).reduce((sum, { count }) => sum + count, 0)
  return others === 0 ? shown.join(', ') : `${shown.join(', ')} and ${others} more`
}

function rangesOf(numbers: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = []
  for (const number of numbers) {
    const run = runs.at(-1)
    if (run && run[1] === number - 1) run[1] = number
    else runs.push([number, number])
  }
  return runs
}

/** `part 3` or `parts 3-5`. */
export const partsNamed = (numbers: readonly number[], room = listRoom): string =>
  `${numbers.length === 1 ? 'part' : 'parts'} ${ranges(numbers, room)}`
