/** Why something that was asked for could not be written, as one sentence that names the flag and the file. */
export class Unwritten extends Error {}

/** How a command ends that did all it had to do and could not write what was asked for; `EX_IOERR` among the system's. */
export const unwrittenExit = { status: 74, meaning: 'what was asked for could not be written' } as const
