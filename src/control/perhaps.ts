/** Whether something is so; `undefined` where that is not known. */
export type Perhaps = boolean | undefined

/** Whether all of it is so: one that is not is enough to know. */
export function allOf(...parts: readonly Perhaps[]): Perhaps {
  if (parts.includes(false)) return false
  return parts.includes(undefined) ? undefined : true
}
