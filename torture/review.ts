import { driven } from '../test/fixtures/client.ts'
import { closeShared } from '../test/fixtures/correct-clients.ts'
import { reviewOfCorrectClients } from '../test/fixtures/interleaving.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'
import { Doubts, grouped } from './verdict.ts'

/** Interleavings of correct clients, with faults and clocks that jump: the review blames none of them. */
export async function review(plan: Plan): Promise<Verdict[]> {
  const doubts = new Doubts()
  const closing: (() => unknown)[] = []
  const emulator = await driven({ teardown: (close) => closing.push(close) })
  for (let run = 0; run < plan.interleavings; run += 1) {
    const seed = plan.seed + run
    const findings = await reviewOfCorrectClients(emulator, seed)
    doubts.claim(findings.length === 0, () => `seed ${seed}: ${JSON.stringify(findings)}`)
    await emulator.steer('DELETE', '', undefined, `correct-${seed}`)
    if (run % 100 === 99) plan.tell(`review: ${run + 1} interleavings`)
  }
  closeShared()
  for (const close of closing) await close()
  const much = `${grouped(plan.interleavings)} interleavings of 2 to 5 clients`
  return [{ what: 'review: correct clients are not blamed', much, against: doubts.list }]
}
