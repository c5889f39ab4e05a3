import type { Attempt } from './cleanup/attempt.ts'
import { cleanUpConfigurations } from './cleanup/configurations.ts'
import { cleanUpDevices } from './cleanup/devices.ts'
import { cleanUpLocks } from './cleanup/locks.ts'
import { cleanUpRecords } from './cleanup/records.ts'
import type { Debt } from './debts.ts'
import type { Ledger } from './ledger.ts'
import { openPatience } from './patience.ts'
import type { Target } from './target.ts'

/** Takes away again what a run made. */
export interface Cleanup {
  /** Takes away what was made since the last time, the newest check's things. */
  run(): Promise<void>
  /** What is owed now, a sentence each. */
  owed(): string[]
  /** Tries once more whatever is left. Returns what is there or may be there, a sentence each. */
  conclude(): Promise<string[]>
}

/** @param rest waits, also once the run is interrupted */
export function openCleanup(
  target: Pick<Target, 'call' | 'now'>,
  ledger: Ledger,
  rest: (millis: number) => Promise<void>,
): Cleanup {
  const begin = openPatience(target, rest)
  const tried = new WeakSet<Debt>()

  async function attempt(isLast: boolean): Promise<void> {
    const due: Attempt['due'] = (kind, keyOf) => {
      const debts = ledger.debts(kind).filter((debt) => isLast || !tried.has(debt))
      return [...Map.groupBy(debts, (debt) => `${debt.user} ${keyOf(debt)}`).values()]
    }
    const all = { ask: begin(), ledger, isLast, due }
    // Records need a lock, perhaps one that is still held, and their device to be found by.
    await cleanUpRecords(all)
    await cleanUpLocks(all)
    await cleanUpConfigurations(all)
    await cleanUpDevices(all)
    for (const debt of ledger.all()) tried.add(debt)
  }

  return {
    run: () => attempt(false),
    owed: ledger.owed,
    async conclude() {
      await attempt(true)
      return ledger.owed()
    },
  }
}
