import { crc32 } from 'node:zlib'
import { RequestTarget } from '../src/http/request-target.ts'
import { canonicalParts, canonicalRequest, sign } from '../src/http/signature.ts'
import { exportState } from '../src/world/state.ts'
import type { Driven } from '../test/fixtures/client.ts'
import { driven, jsonOf } from '../test/fixtures/client.ts'
import { noon, xDate } from '../test/fixtures/emulator.ts'
import type { Dice } from './dice.ts'
import { diceOf } from './dice.ts'
import { anyAsked, drawBodies } from './explain/honest.ts'
import type { Question } from './explain/spoil.ts'
import { enlarged, spoilt } from './explain/spoil.ts'
import type { Props } from './explain/stage.ts'
import { app, frozen, learn, setStage, stagedWorlds, tokens, users } from './explain/stage.ts'
import type { Sent } from './explain/wire.ts'
import { senderTo } from './explain/wire.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

/** After so many questions the stage is set anew. */
const questionsPerStage = 250

/** A question, the world that it is asked of, and the instant for which. */
interface Asking {
  readonly world: string
  readonly question: Question
  readonly now: number | undefined
}

/** Requests of every kind, first explained, then sent to the same emulator in the same state: both say the same. */
export async function explain(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const dice = diceOf(plan.seed)
  drawBodies(plan.seed, plan.short ? 40 : 400)
  const closing: (() => unknown)[] = []
  const emulator = await driven({ teardown: (close) => closing.push(close) }, { maxWorlds: '6', logLevel: 'silent' })
  const play = { emulator, send: senderTo(emulator), stage: new Map<string, Props>(), dice, plan, doubts }
  const tally = { accepted: 0, refused: 0 }
  for (let index = 0; index < plan.questions; index += 1) {
    if (index % questionsPerStage === 0) {
      play.stage = await setStage(emulator, dice)
      if (index % 2000 === 0 && index > 0) plan.tell(`explain: ${grouped(index)} questions`)
    }
    const asking = askingOf(play.stage, emulator, dice, index % 2500 === 100)
    tally[(await compare(play, asking)) ? 'accepted' : 'refused'] += 1
    if (dice.chance(0.3)) emulator.time.now += dice.pick([1, 400, 1000, 2000])
  }
  for (const close of closing) await close()
  const much = `${grouped(plan.questions)} requests, ${grouped(tally.accepted)} accepted, ${grouped(tally.refused)} refused`
  return [{ what: 'explain: says what the request is answered', much, against: doubts.list }]
}

function askingOf(stage: Map<string, Props>, emulator: Driven, dice: Dice, isLarge: boolean): Asking {
  const world = dice.pick(stagedWorlds)
  const props = stage.get(world)
  if (props === undefined) throw new Error('no stage is set')
  const isFrozen = world === 'frozen'
  const now = isFrozen && dice.chance(0.3) ? noon + dice.pick([-1, 0, 1, 40_000, 600_000, 900_001]) : undefined
  const honest = honestly(props, now ?? (isFrozen ? noon : emulator.time.now), dice)
  const signing = dice.pick(['not', 'not', 'not', 'not', 'not', 'not', 'before', 'after', 'after'] as const)
  let question = signing === 'before' ? signed(honest, dice) : honest
  for (let count = dice.pick([0, 0, 1, 1, 1, 2, 3]); count > 0; count -= 1) question = spoilt(question, dice)
  if (isLarge) question = enlarged(question, dice)
  if (signing === 'after') question = signed(question, dice)
  return { world, question, now: namesWorld(question) ? undefined : now }
}

function honestly(props: Props, instant: number, dice: Dice): Question {
  const { method, path, lockId, body } = anyAsked(props, dice)
  const dated = dice.chance(0.9) ? instant : instant + dice.pick([1000, -900_000, -901_000])
  const user = dice.below(2)
  const { token } = dice.pick(dice.chance(0.9) ? tokens.slice(user, user + 1) : tokens)
  const headers: [string, string][] = [
    ['Authorization', `Bearer ${token}`],
    ['X-User-Id', String(users[user])],
    ['X-Date', xDate(Math.floor(dated / 1000) * 1000)],
  ]
  if (lockId !== undefined) headers.push(['x-backup-lock-id', lockId])
  return { method, path, headers, ...(body === undefined ? {} : { body }) }
}

/** The same with an app's signature, which covers what is there; sometimes wrong in one place. */
function signed(question: Question, dice: Dice): Question {
  const { method, path, headers, body } = question
  const text = body === undefined || typeof body === 'string' ? (body ?? '') : JSON.stringify(body)
  const names = dice.chance(0.9) ? ['x-date', 'x-user-id'] : ['x-user-id', 'x-date', 'x-traceid']
  const sent = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value.trim()]))
  const request = { method, target: new RequestTarget(path), headers: sent, body: text }
  const signature = sign(app.appSecret, canonicalRequest(method, names, canonicalParts(request, names)))
  const spoiled = dice.chance(0.15) ? signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) : signature
  const authorization = `HMAC-SHA256 AppId=${app.appId},SignedHeaders=${names.join(';')},Signature=${spoiled}`
  return {
    ...question,
    headers: [['Authorization', authorization], ...headers.filter(([name]) => name !== 'Authorization')],
  }
}

interface Play {
  readonly emulator: Driven
  readonly send: (question: Question) => Promise<Sent>
  readonly stage: Map<string, Props>
  readonly plan: Plan
  readonly doubts: Doubts
}

const namesWorld = ({ path, headers }: Question): boolean =>
  new RequestTarget(path).written[0] === 'worlds' || headers.some(([name]) => name.toLowerCase() === 'x-emulator-world')

/** Asks, then sends, and holds the one against the other. Returns whether it was accepted. */
async function compare(
  { emulator, send, stage, plan, doubts }: Play,
  { world, question, now }: Asking,
): Promise<boolean> {
  const grouping = Map.groupBy(question.headers, ([name]) => name)
  const headers = Object.fromEntries([...grouping].map(([name, all]) => [name, all.map(([, value]) => value)]))
  const asked = { ...question, headers, ...(now === undefined ? {} : { now: new Date(now).toISOString() }) }
  const before = everything(emulator, world)
  const explained = await emulator.steer('POST', '/explain', asked, world)
  const where = () => JSON.stringify({ world, now, question }).slice(0, 1200)
  const after = everything(emulator, world)
  doubts.claim(before === after, () => `explain changed something: ${where()}\n${changeBetween(before, after)}`)
  plan.watch.see(explained.text, 'an answer of explain')
  const told = jsonOf(explained)
  if (now !== undefined) await emulator.steer('PATCH', '/clock', frozen(now), world)
  const ordered = [...grouping.values()].flat()
  const named = namesWorld(question) ? ordered : [...ordered, ['X-Emulator-World', world] as const]
  const sent = await send({ ...question, headers: named }).catch((error: unknown) => {
    throw new Error(`${error}: ${where()} ${explained.text}`)
  })
  if (now !== undefined) await emulator.steer('PATCH', '/clock', frozen(noon), world)
  plan.watch.see(JSON.stringify(sent), 'an answer')
  // The control plane does what it is asked; that cannot be tried.
  if (sent.isControl) return false
  const difference = differenceBetween(told, sent)
  doubts.claim(
    difference === undefined,
    () => `${difference}\n  ${where()}\n  ${explained.text}\n  ${JSON.stringify(sent).slice(0, 500)}`,
  )
  const props = stage.get(world)
  if (props && sent.accepted && sent.text.startsWith('{')) learn(props, JSON.parse(sent.text))
  return sent.accepted
}

/** Both say `accepted`, `code`, `reason` and `check`. */
function differenceBetween(told: Record<string, unknown>, sent: Sent): string | undefined {
  if (told['accepted'] !== sent.accepted) return 'one accepts, the other refuses'
  if (sent.code !== undefined && told['code'] !== sent.code) return 'the codes differ'
  if (!sent.accepted && told['reason'] !== sent.reason) return 'the reasons differ'
  if (sent.check !== undefined && told['check'] !== sent.check) return 'the checks differ'
  return undefined
}

/** From where on two texts differ. */
function changeBetween(before: string, after: string): string {
  const at = [...before].findIndex((character, index) => character !== after[index])
  return `${before.slice(Math.max(0, at - 60), at + 60)} became ${after.slice(Math.max(0, at - 60), at + 60)}`
}

/** What a request may change: all of the world that is asked, and of the others what any work leaves a trace in. */
function everything({ worlds }: Driven, asked: string): string {
  const states = worlds
    .list()
    .map((world) => [
      world.name,
      world.ids.position(),
      world.random.state(),
      world.unkindness?.random.state(),
      world.clock.state(),
      world.journal.lastId,
      world.name === asked ? [exportState(world), world.faults.list(), crc32(world.store.image())] : [],
    ])
  return JSON.stringify(states, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}
