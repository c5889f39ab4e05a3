import { fuzz } from './hostile/fuzz.ts'
import { attack } from './hostile/sockets.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'

/** Whatever is sent: an answer in the form of its side, no 500, nobody waits for ever, and no memory is kept. */
export async function hostile(plan: Plan): Promise<Verdict[]> {
  return [...(await fuzz(plan)), await attack(plan)]
}
