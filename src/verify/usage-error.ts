/** How `verify` is called wrongly, as one sentence. Thrown before anything is sent. */
export class UsageError extends Error {}
