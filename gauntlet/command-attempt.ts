import type { ChildProcess } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { startCommand } from '../cli/child.ts'
import { endLeftBehind, processesOf } from '../cli/left-behind.ts'
import type { Template } from '../cli/variables.ts'
import { variablesOf } from '../cli/variables.ts'
import type { RunClient } from './attempt.ts'

/** So much of what a command says is kept, in characters: its end. */
const mostOutput = 16_384

/** How long a command may take that is asked to end. */
const graceMillis = 500

/** How long a process that hides from its folder may keep the output open. */
const hiddenMillis = 500

interface CommandOptions {
  readonly templates: readonly Template[]
  readonly inherited: NodeJS.ProcessEnv
  /** Where the system shows its processes. */
  readonly processes: string
}

/** Runs a command without a shell, its output kept, and ends whatever it leaves behind. */
export const commandAttempt =
  (command: readonly string[], { templates, inherited, processes }: CommandOptions): RunClient =>
  async (place) => {
    const env = variablesOf(place, templates, inherited)
    const running = startCommand(command, { stdio: ['ignore', 'pipe', 'pipe'], env })
    if ('status' in running) return { ...running, output: '' }
    const { child, ended } = running
    const said = listen(child)
    const stop = () => void endSoon(child)
    place.signal.addEventListener('abort', stop)
    if (place.signal.aborted) stop()
    const { status, trouble } = await ended
    place.signal.removeEventListener('abort', stop)
    await endLeftBehind(() => processesOf(place.runDir, processes))
    return { status, output: await said(), ...(trouble === undefined ? {} : { trouble }) }
  }

/** Answers what waits for the last word, which may come after the end, and tells the end of what was said. */
function listen(child: ChildProcess): () => Promise<string> {
  let output = ''
  const streams = [child.stdout, child.stderr]
  for (const stream of streams) {
    stream?.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-mostOutput)
    })
  }
  const isClosed = new Promise((resolve) => child.once('close', resolve))
  return async () => {
    await Promise.race([isClosed, wait(hiddenMillis, undefined, { ref: false })])
    for (const stream of streams) stream?.destroy()
    return output
  }
}

async function endSoon(child: { kill(signal: NodeJS.Signals): boolean }): Promise<void> {
  child.kill('SIGTERM')
  await wait(graceMillis, undefined, { ref: false })
  child.kill('SIGKILL')
}
