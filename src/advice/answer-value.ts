/** What an answer has at a place such as `data/lockId`; `undefined` where it has nothing there. */
export const valueIn = (answer: unknown, place: string): unknown =>
  place.split('/').reduce<unknown>((value, name) => Object(value)[name], answer)
