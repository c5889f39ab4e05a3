/** The checks of DEC-1 in their order, the one for the world that a request names, and those of the object store (DEC-41). */
export const checkNames = [
  'route',
  'media type',
  'body size',
  'syntax',
  'world',
  'part',
  'Authorization',
  'X-User-Id',
  'X-Date',
  'lock',
  'contract',
  'rule',
] as const
export type CheckName = (typeof checkNames)[number]

/** Of the check of the contract, the part of the request that was looked at last. */
export const contractParts = ['header', 'path', 'query', 'body'] as const
export type ContractPart = (typeof contractParts)[number]
