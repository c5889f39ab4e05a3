import { computed, signal } from '@preact/signals'
import { api, Refused } from './api.ts'
import { sentAs } from './model/resending.ts'
import { announce } from './parts/announce.tsx'
import { ask } from './parts/question.tsx'
import { go, place } from './place.ts'
import { all, shown as allShown, exchanges, touch, world } from './session.ts'

/** Does something of which the emulator may say no; it is shown what it says. @returns whether it was done */
export async function attempt(work: () => Promise<unknown>, done?: string | (() => string)): Promise<boolean> {
  try {
    await work()
    if (done !== undefined) announce(typeof done === 'string' ? done : done(), 'shown')
    return true
  } catch (error) {
    announce(error instanceof Refused ? error.message : String(error), 'shown', { tone: 'refused' })
    return false
  }
}

const here = (): string => place.peek().world

export const moveClock = (move: Parameters<typeof api.moveClock>[1], done: string): Promise<boolean> =>
  attempt(() => api.moveClock(here(), move), done)

/** Lets the state clock run, or stand still. */
export const freezeClock = (frozen: boolean): Promise<boolean> =>
  moveClock({ frozen }, `The state clock ${frozen ? 'is frozen' : 'runs'}`)

/** Moves the state clock by a duration. @param word how much that is, with its sign */
export const advanceClock = (advance: string, word: string): Promise<boolean> =>
  moveClock({ advance }, `The state clock was moved by ${word.slice(1)}`)

/** Whose files may be written to: who said so once is not asked again. */
const agreed = new Set<string>()

/** Whether a request may be sent once more: what it does to a world in a file outlives the emulator. */
export async function mayReplay(): Promise<boolean> {
  const name = here()
  if (world.peek()?.database !== 'file' || agreed.has(name)) return true
  const text = `${name} is kept in the file of --db. What the request does is done there, too, and stays when the emulator is stopped.`
  const isWanted = await ask({ title: 'Send it once more?', text, word: 'Send it' })
  if (isWanted) agreed.add(name)
  return isWanted
}

/** Sends a request once more and goes to what came of it. */
export async function replay(id: number, how: Parameters<typeof api.replay>[2] = {}): Promise<boolean> {
  if (!(await mayReplay())) return false
  const { lastId } = exchanges
  return attempt(async () => {
    const made = await api.replay(here(), id, how)
    const rows = how.first ? (await api.summaries(here(), `after=${lastId}`)).requests : [made]
    exchanges.add(exchanges.generation ?? 0, rows)
    touch()
    go({ view: 'requests', request: made.id, tab: 'request', other: null })
    announce(sentAs(id, made, isChanged(how), rows), 'shown', { tone: made.outcome })
  })
}

/** Whether anything is another than it was; a date is made for each. */
const isChanged = ({ date: _, first: __, lock, ...change }: Parameters<typeof api.replay>[2]): boolean =>
  lock === 'current' || Object.keys(change).length > 0

/** Labels that the page gives by itself. */
const freshLabel = (): string => `at-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}`

export const takeSnapshot = (label = freshLabel()): Promise<boolean> =>
  attempt(() => api.takeSnapshot(here(), label), `Snapshot ${label} taken`)

/** What is about to be forgotten: all of a world's journal that was shown. */
interface Clearing {
  readonly world: string
  /** Another world, and this one if it is begun anew, has others of the same numbers. */
  readonly generation: number | null
  readonly upTo: number
}

const clearing = signal<Clearing | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

/** Exchanges up to this one are about to be forgotten, and no longer shown. */
export const hiddenUpTo = computed(() => {
  void all.value
  const { generation, upTo = 0 } = clearing.value ?? {}
  return generation === exchanges.generation ? upTo : 0
})

/** Forgets in five seconds what is shown of the journal, unless somebody takes it back. */
export function clearJournal(): void {
  clearNow()
  clearing.value = { world: here(), generation: exchanges.generation, upTo: allShown.peek().at(-1)?.id ?? 0 }
  timer = setTimeout(clearNow, 5000)
  const run = () => {
    clearTimeout(timer)
    clearing.value = null
  }
  announce('The journal is cleared', 'shown', { action: { word: 'Undo', run } })
}

function clearNow(): void {
  clearTimeout(timer)
  const asked = clearing.peek()
  if (asked === null) return
  void attempt(async () => {
    const { generation } = await api.world(asked.world)
    if (generation === asked.generation) await api.clear(asked.world, asked.upTo)
  }).then(() => {
    if (clearing.peek() === asked) clearing.value = null
  })
}
