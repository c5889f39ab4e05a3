import { statSync } from 'node:fs'
import { messageOf, StartupError } from '../process/startup-error.ts'
import { largestNote, wholeFile } from '../process/whole-file.ts'

interface Given {
  readonly controlToken: string | undefined
  readonly controlTokenFile: string | undefined
}

/**
 * The tokens of the control plane, one a line in the file. It is read again when it changed, so that tokens can be replaced
 * while the emulator runs; while it holds none, those that it held stay, for it may just be being replaced, and a warning says so.
 *
 * @param warn told once of each change that cannot be taken
 * @returns `undefined` where none is set
 * @throws StartupError for a file that cannot be read or holds none
 */
export function tokensOf(
  { controlToken, controlTokenFile }: Given,
  warn: (sentence: string) => void,
): (() => readonly string[]) | undefined {
  const own = controlToken === undefined ? [] : [controlToken]
  if (controlTokenFile === undefined) return controlToken === undefined ? undefined : () => own
  let state = stateOf(controlTokenFile)
  let tokens = [...own, ...readTokens(controlTokenFile)]
  let warnedOf = state
  return () => {
    const now = stateOf(controlTokenFile)
    if (now === state) return tokens
    try {
      tokens = [...own, ...readTokens(controlTokenFile)]
      state = now
    } catch (error) {
      if (now !== warnedOf) warn(`${messageOf(error)}; the tokens that it held before are taken until it holds others`)
      warnedOf = now // the next call looks again, and says nothing more of this
    }
    return tokens
  }
}

/** By which a change of a file is known; of one that cannot even be looked at, why not. */
function stateOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file)
    return `${mtimeMs} ${size} ${ino}`
  } catch (error) {
    return messageOf(error)
  }
}

function readTokens(file: string): string[] {
  const tokens = linesOf(file).filter((line) => line !== '')
  if (tokens.length === 0) throw new StartupError(`the token file ${file} holds no token; write one a line`)
  if (!tokens.every((token) => /^[\x21-\x7e]+$/.test(token)))
    throw new StartupError(
      `the token file ${file} has a token with spaces or signs beyond ASCII; write one a line, without`,
    )
  return tokens
}

function linesOf(file: string): string[] {
  try {
    return wholeFile(file, largestNote)
      .toString()
      .split('\n')
      .map((line) => line.trim())
  } catch (error) {
    throw new StartupError(`the token file ${file} cannot be read: ${messageOf(error)}`)
  }
}
