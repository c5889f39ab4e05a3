import { computed, signal } from '@preact/signals'
import { api, Refused } from './api.ts'
import { sentAs } from './model/resending.ts'
import { announce } from './parts/announce.tsx'
import { ask } from './parts/question.tsx'
import { go, place } from './place.ts'
import { all, shown as allShown, exchanges, touch, worlds } from './session.ts'

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

const isInFile = (name: string): boolean => worlds.peek().find((one) => one.name === name)?.database === 'file'

/** Whether something is to be done to a world, though in a file it outlives the emulator; of no use to who left for another. */
async function isWanted(name: string, title: string, what: string, word: string): Promise<boolean> {
  if (!isInFile(name)) return true
  const text = `${name} is kept in the file of --db. ${what}`
  const [before, isYes] = [here(), await ask({ title, text, word })]
  return isYes && here() === before
}

/** Whose files may be written to: who said so once is not asked again. */
const agreed = new Set<string>()

/** Whether a request may be sent once more. */
export async function mayReplay(): Promise<boolean> {
  const name = here()
  if (!isInFile(name) || agreed.has(name)) return true
  const what = 'What the request does is done there, too, and stays when the emulator is stopped.'
  const may = await isWanted(name, 'Send it once more?', what, 'Send it')
  if (may) agreed.add(name)
  return may
}

/** Begins a world anew. */
export const resetWorld = async (name: string): Promise<boolean> =>
  (await isWanted(name, `Begin ${name} anew?`, 'What is stored there is lost.', 'Reset it')) &&
  attempt(() => api.resetWorld(name), `${name} begins anew`)

/** Goes back to a snapshot. */
export const restore = async (name: string, label: string): Promise<boolean> =>
  (await isWanted(name, `Go back to ${label}?`, 'What came since is lost there, too.', 'Restore it')) &&
  attempt(() => api.restore(name, label), `Went back to ${label}`)

/** Sends a request once more and goes to what came of it. */
export async function replay(id: number, how: Parameters<typeof api.replay>[2] = {}, name = here()): Promise<boolean> {
  if (!(await mayReplay()) || here() !== name) return false
  const { lastId, generation } = exchanges
  return attempt(async () => {
    const made = await api.replay(name, id, how)
    const rows = how.first ? (await api.summaries(name, `after=${lastId}`)).requests : [made]
    // Who went to another world meanwhile stays there, and what came of it is none of the rows there.
    const isHere = here() === name
    if (isHere) {
      exchanges.add(generation ?? 0, rows)
      touch()
      go({ view: 'requests', request: made.id, tab: 'request', other: null })
    }
    announce(`${isHere ? '' : `${name}: `}${sentAs(id, made, isChanged(how), rows)}`, 'shown', { tone: made.outcome })
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
