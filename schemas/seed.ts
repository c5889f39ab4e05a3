import type { Static, TString } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { headers, Instant, IssuedId, ModuleCode, PathId } from './common.ts'
import { ConfigWord } from './config.ts'
import { deviceFields } from './device.ts'
import { BackupFile, createBackupFile } from './file.ts'
import { LockId } from './lock.ts'
import { createBackupRecord } from './record.ts'
import { ScopeBaseInfo } from './scope.ts'
import { AskedPart, siblingBody } from './upload.ts'
import { largestPart, lastNumber } from './upload-limits.ts'

/** A seed is written by hand: a property nobody knows is a typing mistake, not an extension. */
const exact = { additionalProperties: false } as const

/** DEC-24: a configuration that every device has. */
const ConfigDefinition = Type.Object(
  {
    moduleCode: ModuleCode,
    configName: ConfigWord,
    initialValue: ConfigWord,
    description: Type.Optional(Type.String()),
  },
  { ...exact, title: 'CatalogueEntry' },
)

const SeedScope = Type.Object(
  { ...ScopeBaseInfo.properties, moduleCode: ModuleCode, scopeId: Type.Optional(IssuedId) },
  { ...exact, title: 'SeedScope' },
)

const SeedConfig = Type.Object(
  { moduleCode: ModuleCode, configName: ConfigWord, configValue: ConfigWord },
  { ...exact, title: 'SeedConfig' },
)

/** An adopted device has neither machine code nor name nor system (DEC-16). */
const orEmpty = (field: TString) => Type.Union([field, Type.Literal('')], { 'x-facts': field['x-facts'] })

/** DEC-27. */
const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })

const SeedDevice = Type.Object(
  {
    deviceId: PathId,
    machineCode: orEmpty(deviceFields.machineCode),
    deviceName: Type.Optional(orEmpty(deviceFields.deviceName)),
    deviceOS: Type.Optional(orEmpty(deviceFields.deviceOS)),
    createTime: Type.Optional(Instant),
    unbound: Type.Optional(Type.Boolean({ description: 'known, but no longer bound (DEC-16)' })),
    lastVersions: Type.Optional(Type.Partial(Type.Record(ModuleCode, Version), exact)),
    scopes: Type.Optional(Type.Array(SeedScope)),
    configs: Type.Optional(Type.Array(SeedConfig)),
  },
  { ...exact, title: 'SeedDevice' },
)

const { fileName, parentFolder, description, mimeType, fileType, createdTime } = createBackupFile.body.properties
const fileFields = { description, mimeType, fileType, createdTime }
const { sha256 } = BackupFile.properties

/** DEC-40: a state of SHA-256, eight words and up to 63 bytes that wait for their block to be full. */
const DigestState = Type.String({ pattern: '^[0-9a-f]{64}([0-9a-f]{2}){0,63}$' })

/** What came of a part; without `digest` it must come again. */
const SeedStoredPart = Type.Object(
  {
    size: Type.Integer({ minimum: 0, maximum: largestPart }),
    etag: Type.String({ pattern: '^[0-9a-f]{32}$' }),
    hasHashCtx: Type.Optional(Type.Boolean()),
    digest: Type.Optional(
      Type.Object({ start: DigestState, end: DigestState, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) }, exact),
    ),
  },
  exact,
)

/** A part of an open upload as it was announced: one without `partOffset` begins where the part before it ends. */
const SeedPart = Type.Object(
  {
    ...AskedPart.properties,
    isOffered: Type.Optional(Type.Boolean({ description: 'no client has asked for it yet (DEC-35)' })),
    stored: Type.Optional(SeedStoredPart),
  },
  exact,
)

/**
 * A file with an `uploadId` still waits for its upload; `sha256` and `size` are then what was announced, if anything. Without
 * `multiParts`, its parts are those that the emulator offers.
 */
const SeedFile = Type.Object(
  {
    ...fileFields,
    parentFolder,
    fileName,
    fileId: Type.Optional(IssuedId),
    sha256: Type.Optional(sha256),
    size: siblingBody.length,
    uploadId: Type.Optional(PathId),
    multiParts: Type.Optional(Type.Array(SeedPart, { minItems: 1, maxItems: lastNumber })),
  },
  { ...exact, title: 'SeedFile' },
)

const SeedLock = Type.Object(
  { moduleCode: ModuleCode, lockId: LockId, expiresAt: Instant },
  { ...exact, title: 'SeedLock' },
)

/** A generator's position: four 32-bit words. */
export const GeneratorState = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{8}){3}$' })

/** DEC-31: where ids go on. */
const Position = Type.Object(
  {
    lastId: Type.Optional(IssuedId),
    random: Type.Optional(GeneratorState),
  },
  { ...exact, title: 'Position' },
)

/** A record with an `endTime` is completed. */
const SeedRecord = Type.Object(
  {
    ...createBackupRecord.body.properties,
    recordId: Type.Optional(IssuedId),
    version: Type.Optional(Version),
    endTime: Type.Optional(Instant),
    files: Type.Optional(Type.Array(SeedFile)),
  },
  { ...exact, title: 'SeedRecord' },
)

/** All that there is of a user. */
const SeedUser = Type.Object(
  {
    devices: Type.Optional(Type.Array(SeedDevice)),
    locks: Type.Optional(Type.Array(SeedLock)),
    records: Type.Optional(Type.Array(SeedRecord)),
  },
  exact,
)

export type SeedUser = Static<typeof SeedUser>
export type SeedDevice = Static<typeof SeedDevice>
export type SeedLock = Static<typeof SeedLock>
export type SeedRecord = Static<typeof SeedRecord>
export type SeedFile = Static<typeof SeedFile>
export type SeedPart = Static<typeof SeedPart>

/** DEC-2. */
export const Token = Type.String({ pattern: '^[\\x21-\\x7e]{1,4096}$', 'x-facts': ['DEC-2'] })

const SeedToken = Type.Object(
  {
    token: Token,
    userId: headers['x-user-id'],
    lifetime: Type.Optional(Type.String({ description: 'an ISO 8601 duration such as PT20M', 'x-facts': ['DEC-3'] })),
  },
  { ...exact, title: 'SeedToken' },
)

/** An id that a signature can carry, and its secret (COM-15). */
export const AppCredentials = Type.Object(
  { appId: Type.String({ pattern: '^[!-+\\--~]{1,256}$' }), appSecret: Type.String({ minLength: 1, maxLength: 4096 }) },
  { ...exact, title: 'App' },
)

/** DEC-32: what a new world starts with, every part optional. */
export const Seed = Type.Object(
  {
    configCatalogue: Type.Optional(Type.Array(ConfigDefinition)),
    users: Type.Optional(Type.Record(headers['x-user-id'], SeedUser, exact)),
    tokens: Type.Optional(Type.Array(SeedToken)),
    apps: Type.Optional(Type.Array(AppCredentials)),
    position: Type.Optional(Position),
  },
  { ...exact, title: 'Seed' },
)
export type Seed = Static<typeof Seed>
