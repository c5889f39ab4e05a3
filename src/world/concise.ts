type Concise<Part> = { [Name in keyof Part]?: NonNullable<Part[Name]> }

/** Leaves out what is empty or not there, so that a document says only what there is to say. */
export const concise = <Part extends object>(part: Part): Concise<Part> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => !isEmpty(value))) as Concise<Part> // fewer of the same

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0)
