import { killAtRandom } from './crash/kills.ts'
import { killWhileParking } from './crash/parking.ts'
import { failAtEach, failStorage } from './crash/storage.ts'
import { cutLogs, judgeImages, killAtEach, playOnce } from './crash/sweep.ts'
import type { Plan } from './plan.ts'
import type { Verdict } from './verdict.ts'

/** Whatever happens to the process or its file: what was acknowledged is there, and what was not is whole or not there. */
export async function crash(plan: Plan): Promise<Verdict[]> {
  const reference = await playOnce(plan)
  return [
    await judgeImages(plan, reference),
    cutLogs(plan, reference),
    await failAtEach(plan, reference),
    ...(await failStorage(plan)),
    ...(plan.short ? [] : [await killAtEach(plan, reference)]),
    await killAtRandom(plan),
    await killWhileParking(plan),
  ]
}
