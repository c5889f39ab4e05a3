import { closeSync, openSync } from 'node:fs'

/** Whether there is a terminal that tells the command of Ctrl-C as it tells us. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'))
    return true
  } catch {
    return false
  }
}
