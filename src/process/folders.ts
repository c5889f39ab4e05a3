import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Why a folder cannot be made, in words, with the code of the system. */
class NoFolder extends Error {
  readonly code: string

  constructor(message: string, code: string) {
    super(message)
    this.code = code
  }
}

/**
 * Makes what is missing of a folder, all or nothing. Node's own recursive `mkdir` never ends where a folder that is there says
 * that it is not, as below /proc.
 *
 * @returns what was missing, the innermost first
 */
export function makeFolder(path: string, mode?: number): string[] {
  if (isFolder(path)) return []
  const above = dirname(path) === path ? [] : makeFolder(dirname(path), mode)
  try {
    mkdirSync(path, { mode })
    return [path, ...above]
  } catch (error) {
    if (codeIn(error) === 'EEXIST' && isFolder(path)) return above // another process has made it meanwhile
    removeEmptyFolders(above)
    throw inWords(error, path)
  }
}

/** Takes folders away, the innermost first; what somebody has put something into stays. */
export function removeEmptyFolders(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder)
    } catch {
      return
    }
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch (error) {
    if (/^(ENOENT|ENOTDIR)$/.test(codeIn(error))) return false
    throw error
  }
}

function inWords(error: unknown, path: string): unknown {
  const code = codeIn(error)
  if (code === 'EEXIST') return new NoFolder(`${path} is no folder`, code)
  if (code === 'ENOENT') return new NoFolder(`no folder can be made in ${dirname(path)}`, code)
  return error
}

const codeIn = (error: unknown): string => String(Object(error).code)
