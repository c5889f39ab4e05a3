/** How many calls are taken for all: the first of each operation, those that stand for others, or every one. */
export type Depth = 'quick' | 'usual' | 'all'

export const depths: readonly Depth[] = ['quick', 'usual', 'all']
