import type { UnkindSetting } from './unkindness.ts'

/** How a world behaves where teams want different readings. */
export interface WorldSettings {
  /** DEC-3. */
  readonly auth: 'any' | 'known'
  /** DEC-16. */
  readonly devices: 'adopt' | 'strict'
  /** DEC-11. */
  readonly errorStatus: 'http' | 'ok'
  /** DEC-43. */
  readonly completion: 'explicit' | 'put'
  /** DEC-19: per user, device and module. */
  readonly scopesPerModule: number
  /** DEC-31: the worker number in its ids, 0 to 65,535. */
  readonly worker: number
  /** DEC-31: what the generator of lock and upload ids starts from. */
  readonly random: number
  /** Legal but unkind answers, drawn from this seed. */
  readonly unkind: UnkindSetting | null
  /** Whether what requests change is always noted, or only while somebody watches. */
  readonly changes: boolean
}

/** Settings as they are written, and kept in a file: no limit is `null`. */
export type WrittenSettings = {
  readonly [Name in keyof WorldSettings]?: WorldSettings[Name] | (Name extends 'scopesPerModule' ? null : never)
}

/** As settings are written. */
export const writtenSettings = ({ scopesPerModule, ...others }: WorldSettings): Required<WrittenSettings> => ({
  ...others,
  scopesPerModule: Number.isFinite(scopesPerModule) ? scopesPerModule : null,
})

export const settingsOf = ({ scopesPerModule, ...others }: WrittenSettings): Partial<WorldSettings> =>
  scopesPerModule === undefined ? others : { ...others, scopesPerModule: scopesPerModule ?? Number.POSITIVE_INFINITY }
