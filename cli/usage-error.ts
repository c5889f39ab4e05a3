/** How a command is called wrongly, as one sentence. Thrown before anything is done. */
export class UsageError extends Error {}
