/** FIL-1: where a file is of which nothing is said. */
const rootFolder = 'root'

/** The folder that a file is in, the first of those that are named. */
export const folderOf = (parentFolder: readonly string[] | undefined): string => parentFolder?.[0] ?? rootFolder
