/** One line of a comparison: on both sides, or on one. */
export interface DiffLine {
  readonly left: string | null
  readonly right: string | null
  readonly isSame: boolean
}

/** So many lines a side are compared one by one; what is longer is compared in order. */
const mostLines = 600

/** Two texts side by side, lines that are alike beside each other. */
export function diffOf(left: readonly string[], right: readonly string[]): DiffLine[] {
  if (Math.max(left.length, right.length) > mostLines) return inOrder(left, right)
  const common = commonLengths(left, right)
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < left.length || j < right.length) {
    const [one = null, other = null] = [left[i], right[j]]
    const [skipLeft, skipRight] = [common[i + 1]?.[j] ?? -1, common[i]?.[j + 1] ?? -1]
    if (one !== null && one === other) {
      lines.push({ left: one, right: other, isSame: true })
      i += 1
      j += 1
    } else if (other === null || (one !== null && skipLeft >= skipRight)) {
      lines.push({ left: one, right: null, isSame: false })
      i += 1
    } else {
      lines.push({ left: null, right: other, isSame: false })
      j += 1
    }
  }
  return joined(lines)
}

/** Of what begins at each pair of lines, how many can be found on both sides in this order. */
function commonLengths(left: readonly string[], right: readonly string[]): number[][] {
  const lengths = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0))
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const [row, below] = [lengths[i] as number[], lengths[i + 1] as number[]] // both were made above
      row[j] = left[i] === right[j] ? Number(below[j + 1]) + 1 : Math.max(Number(below[j]), Number(row[j + 1]))
    }
  }
  return lengths
}

/** What was taken away and what was put in its place, on one line. */
function joined(lines: readonly DiffLine[]): DiffLine[] {
  const result: DiffLine[] = []
  for (const line of lines) {
    const gap = line.left === null ? result.findIndex((one, at) => isOpen(one) && onlyChanges(result, at)) : -1
    const before = result[gap]
    if (before) result[gap] = { left: before.left, right: line.right, isSame: false }
    else result.push(line)
  }
  return result
}

const isOpen = ({ left, right }: DiffLine): boolean => left !== null && right === null

const onlyChanges = (lines: readonly DiffLine[], from: number): boolean =>
  lines.slice(from).every(({ isSame }) => !isSame)

const inOrder = (left: readonly string[], right: readonly string[]): DiffLine[] =>
  Array.from({ length: Math.max(left.length, right.length) }, (_, index) => {
    const [one = null, other = null] = [left[index], right[index]]
    return { left: one, right: other, isSame: one === other }
  })
