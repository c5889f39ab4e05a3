/** Characters of one kind, one after the other. */
interface Run {
  /** The pattern of one of them. */
  readonly one: string
  readonly least: number
  readonly most: number
}

type Course = readonly Run[]

const tokens = /\[(?:\\.|[^\]\\])+\]|\\x[0-9a-f]{2}|\\.|\(\?:|\{\d+(?:,\d+)?\}|./gs

const counts: Readonly<Record<string, readonly [number, number]>> = {
  '?': [0, 1],
  '*': [0, Number.POSITIVE_INFINITY],
  '+': [1, Number.POSITIVE_INFINITY],
}

/** Of `{3}` and `{1,64}`. */
function countsIn(sign: string): readonly [number, number] {
  const [least = '', most = least] = sign.slice(1, -1).split(',')
  return [Number(least), Number(most)]
}

/** All ways through a pattern that has classes, groups, alternatives and counts, as those of contracts do. */
function coursesOf(pattern: string): readonly Course[] {
  const ahead = [...pattern.matchAll(tokens)].map(([token]) => token)
  const count = (): readonly [least: number, most: number] => {
    const sign = /^(?:[?*+]|\{\d.*\})$/.test(String(ahead[0])) ? String(ahead.shift()) : '{1}'
    return counts[sign] ?? countsIn(sign)
  }
  const piece = (): readonly Course[] => {
    const token = String(ahead.shift())
    if (token === '^' || token === '$') return [[]]
    if (!token.startsWith('(')) {
      const [least, most] = count()
      return [[{ one: token, least, most }]]
    }
    const inner = alternatives()
    ahead.shift() // its end
    return repeated(inner, ...count())
  }
  const sequence = (): readonly Course[] => {
    let courses: readonly Course[] = [[]]
    while (ahead.length > 0 && ahead[0] !== '|' && ahead[0] !== ')') courses = joined(courses, piece())
    return courses
  }
  const alternatives = (): readonly Course[] => {
    const courses = [...sequence()]
    while (ahead[0] === '|' && ahead.shift()) courses.push(...sequence())
    return courses
  }
  return alternatives()
}

const joined = (courses: readonly Course[], next: readonly Course[]): Course[] =>
  courses.flatMap((course) => next.map((one) => [...course, ...one]))

function repeated(inner: readonly Course[], least: number, most: number): Course[] {
  const times = Array.from({ length: most - least + 1 }, (_, more) => Array.from({ length: least + more }, () => inner))
  return times.flatMap((parts) => parts.reduce<Course[]>(joined, [[]]))
}

/** A course as an expression that matches as much of a text as goes along it, and how long a text may be there. */
interface Way {
  readonly beginning: RegExp
  readonly longest: number
}

function wayAlong(course: Course): Way {
  const countOf = (least: number, most: number) => `{${least},${Number.isFinite(most) ? most : ''}}`
  const pattern = course.reduceRight(
    (rest, { one, least, most }) => `(?:${one}${countOf(least, most)}${rest}|${one}${countOf(0, most)})`,
    '',
  )
  return { beginning: new RegExp(`^${pattern}`), longest: course.reduce((sum, { most }) => sum + most, 0) }
}

/** Those of a pattern, which takes longer than to go along them; contracts have few dozens. */
const ways = new Map<string, readonly Way[]>()

function waysOf(pattern: string): readonly Way[] {
  const known = ways.get(pattern) ?? coursesOf(pattern).map(wayAlong)
  ways.set(pattern, known)
  return known
}

/** How far a text goes; and whether more could follow there. */
function reach({ beginning, longest }: Way, text: string): { readonly length: number; readonly isOpen: boolean } {
  const { length } = String(beginning.exec(text)?.[0])
  return { length, isOpen: length < longest }
}

/**
 * Of a text that does not match a pattern, the place of the first character that cannot stand where it stands, from 0;
 * `undefined` where the text is only too short or too long.
 */
export function strangeCharacter(pattern: string, text: string): number | undefined {
  const [furthest] = waysOf(pattern)
    .map((way) => reach(way, text))
    .sort((one, other) => other.length - one.length || Number(other.isOpen) - Number(one.isOpen))
  return furthest?.isOpen && furthest.length < text.length ? furthest.length : undefined
}
