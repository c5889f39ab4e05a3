import { readArchive } from '../archive/reading.ts'
import type { ControlPlane } from '../control/plane.ts'
import { messageOf, StartupError } from '../process/startup-error.ts'
import { piecesOf } from '../process/whole-file.ts'
import type { Settings } from '../settings/settings.ts'
import { defaultName } from '../world/worlds.ts'

/**
 * Serves an archived world as the default one; settings that are given now win over its own.
 *
 * @param unmakeAll takes away what was made for this start, where it cannot be served
 * @throws StartupError
 */
export function openArchive(file: string, plane: ControlPlane, { given }: Settings, unmakeAll: () => void): void {
  try {
    const archive = readArchive(piecesOf(file))
    const own = Object.entries(plane.worlds.main.settings).filter(([name]) => given.has(name))
    plane.adopt(defaultName, { ...archive, settings: { ...archive.settings, ...Object.fromEntries(own) } })
  } catch (error) {
    plane.worlds.close()
    unmakeAll()
    throw new StartupError(`the archive ${file} cannot be opened: ${messageOf(error)}`)
  }
}
