import type { Seed } from '../../schemas/seed.ts'
import type { Client } from '../client.ts'
import { Broken } from '../client.ts'
import type { Dice } from '../dice.ts'
import type { Doubts } from '../verdict.ts'
import type { Step } from './steps.ts'
import { drawStep } from './steps.ts'
import type { UserState } from './user-state.ts'
import { compare, emptyState, fill, idsOf, userStateIn } from './user-state.ts'

/** Ids that were ever given out, by whomever. */
export interface Ids {
  readonly seen: Set<string>
  highest: bigint
}

const lockMillis = 600_000
const isSnowflake = (text: string): boolean => /^\d+$/.test(text)

/** One user, who writes one thing after another, and knows what was acknowledged and what may or may not be there. */
export class Writer {
  readonly userId: string
  readonly #dice: Dice
  readonly #doubts: Doubts
  readonly #ids: Ids
  #account: UserState = emptyState()
  #inFlight: Step | undefined
  /** When each lock was last taken or renewed, at the least. */
  readonly #lockedAt = new Map<string, number>()
  acknowledged = 0
  /** Writes without an answer, and how many of them had been done all the same. */
  unanswered = 0
  doneUnanswered = 0

  constructor(userId: string, dice: Dice, ids: Ids, doubts: Doubts) {
    this.userId = userId
    this.#dice = dice
    this.#ids = ids
    this.#doubts = doubts
  }

  /** Writes until the connection breaks. */
  async writeOn(client: Client): Promise<void> {
    try {
      for (;;) await this.#write(client)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
    }
  }

  async #write(client: Client): Promise<void> {
    const step = drawStep(this.#account, this.#dice)
    const [floor, sentAt] = [this.#ids.highest, Date.now()]
    this.#inFlight = step
    const { text } = await client.send({ ...step.call, userId: this.userId })
    this.#inFlight = undefined
    const answer = JSON.parse(text)
    this.#doubts.claim(answer.code === 0, () => `${JSON.stringify(step.call)} was answered ${text}`)
    if (answer.code !== 0) return
    this.acknowledged += 1
    const told = step.told(answer)
    this.#noteIds(told.filter(isSnowflake), floor)
    const lockId = step.call.path === '/lock' ? (step.call.lockId ?? told[0]) : undefined
    if (lockId !== undefined) this.#lockedAt.set(lockId, sentAt)
    this.#account = fill(this.#after(step), Object.fromEntries(told.map((value, index) => [`?${index}`, value])))
  }

  #after(step: Step): UserState {
    const account = structuredClone(this.#account)
    step.change(account)
    return account
  }

  /** No id was there before, and each lies above all that were known when it was asked for. */
  #noteIds(told: readonly string[], floor: bigint): void {
    for (const id of told) {
      this.#doubts.claim(!this.#ids.seen.has(id), () => `the id ${id} was given out twice`)
      this.#doubts.claim(BigInt(id) > floor, () => `the id ${id} went back behind ${floor}`)
      this.#ids.seen.add(id)
      if (BigInt(id) > this.#ids.highest) this.#ids.highest = BigInt(id)
    }
  }

  /** Holds what is stored against what was acknowledged, and learns what became of the write without an answer. */
  check(document: Seed): void {
    const seen = userStateIn(document, this.userId)
    const step = this.#inFlight
    this.#inFlight = undefined
    if (step) this.unanswered += 1
    const known = compare(this.#account, seen)
    const after = known === undefined && step ? this.#after(step) : undefined
    const learnt = after && compare(after, seen)
    this.#doubts.claim(
      known !== undefined || learnt !== undefined,
      () =>
        `${this.userId} had ${JSON.stringify(this.#account)}, sent ${JSON.stringify(step?.call)} and found ${JSON.stringify(seen)}`,
    )
    if (learnt) this.doneUnanswered += 1
    this.#account = seen
    const fresh = idsOf(seen).filter((id) => !this.#ids.seen.has(id))
    this.#noteIds(fresh, 0n)
    this.#checkLocks(document)
  }

  #checkLocks(document: Seed): void {
    for (const { lockId, expiresAt } of document.users?.[this.userId]?.locks ?? []) {
      const since = this.#lockedAt.get(lockId) ?? 0
      this.#doubts.claim(Date.parse(expiresAt) >= since + lockMillis, () => `the lock ${lockId} ends too early`)
    }
  }

  /** Holds what the operations answer against what is stored. */
  async read(client: Client): Promise<void> {
    const { devices, records } = this.#account
    const ask = async (path: string) =>
      JSON.parse((await client.send({ method: 'GET', path, userId: this.userId })).text)
    const bound = devices.filter((device) => device.bound)
    const shown = async (what: string, path: string, name: string, key: string, expected: readonly string[]) => {
      const answer = await ask(path)
      const found = answer[name]?.map((item: Record<string, string>) => item[key])
      this.#doubts.claim(
        `${found}` === `${expected}`,
        () => `${what} ${expected} are answered as ${JSON.stringify(answer)}`,
      )
    }
    await shown(
      'devices',
      '/device',
      'data',
      'deviceId',
      bound.map(({ deviceId }) => deviceId),
    )
    for (const { deviceId, scopes } of bound) {
      const own = scopes.filter(({ moduleCode }) => moduleCode === '100').map(({ scopeId }) => scopeId)
      await shown('scopes', `/device/${deviceId}/scope?moduleCode=100`, 'scopeList', 'scopeId', own)
    }
    for (const { recordId, files } of records) {
      const finished = files.filter(({ uploadId }) => uploadId === '').map(({ fileId }) => fileId)
      await shown('files', `/record/${recordId}/files?pageSize=100`, 'data', 'fileId', finished)
    }
  }
}
