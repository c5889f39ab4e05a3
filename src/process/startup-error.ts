/** Why the emulator cannot start, as one sentence for the person who started it; exit status 1. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError'
}

/** The message of whatever was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
