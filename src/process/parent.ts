import { wait } from './real-time.ts'

/** How often the parent is looked for. */
const lookMillis = 50

/**
 * Resolves once the parent of this process has ended. npm puts a shell between itself and what it runs; a signal to npm ends
 * both, and nobody tells the program.
 *
 * @param parent the id of that process, as it was at first
 */
export async function parentEnded(parent: number, platform = process.platform): Promise<void> {
  while (isThere(parent, platform)) await wait(lookMillis)
}

/** Elsewhere than on Windows, an orphan is given another parent. */
function isThere(parent: number, platform: NodeJS.Platform): boolean {
  if (platform !== 'win32') return process.ppid === parent
  try {
    return process.kill(parent, 0)
  } catch {
    return false
  }
}
