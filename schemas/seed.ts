import type { Static, TString } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { headers, Instant, IssuedId, ModuleCode, PathId } from './common.ts'
import { ConfigWord } from './config.ts'
import { deviceFields } from './device.ts'
import { BackupFile, createBackupFile } from './file.ts'
import { LockId } from './lock.ts'
import { BackupRecord, createBackupRecord } from './record.ts'
import { ScopeBaseInfo } from './scope.ts'

/** A seed is written by hand: a property nobody knows is a typing mistake, not an extension. */
const exact = { additionalProperties: false } as const

/** DEC-24: a configuration that every device has. */
export const CatalogueEntry = Type.Object(
  {
    moduleCode: ModuleCode,
    configName: ConfigWord,
    initialValue: ConfigWord,
    description: Type.Optional(Type.String()),
  },
  exact,
)

const SeedScope = Type.Object(
  { ...ScopeBaseInfo.properties, moduleCode: ModuleCode, scopeId: Type.Optional(IssuedId) },
  exact,
)

const SeedConfig = Type.Object({ moduleCode: ModuleCode, configName: ConfigWord, configValue: ConfigWord }, exact)

/** An adopted device has neither machine code nor name nor system (DEC-16). */
const orEmpty = (field: TString) => Type.Union([field, Type.Literal('')], { 'x-facts': field['x-facts'] })

const SeedDevice = Type.Object(
  {
    deviceId: PathId,
    machineCode: orEmpty(deviceFields.machineCode),
    deviceName: Type.Optional(orEmpty(deviceFields.deviceName)),
    deviceOS: Type.Optional(orEmpty(deviceFields.deviceOS)),
    createTime: Type.Optional(Instant),
    unbound: Type.Optional(Type.Boolean({ description: 'known, but no longer bound (DEC-16)' })),
    lastVersions: Type.Optional(
      Type.Partial(Type.Record(ModuleCode, Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })), exact),
    ),
    scopes: Type.Optional(Type.Array(SeedScope)),
    configs: Type.Optional(Type.Array(SeedConfig)),
  },
  exact,
)

const { fileName, parentFolder, description, mimeType, fileType } = createBackupFile.body.properties
const fileFields = { description, mimeType, fileType }
const { sha256, size } = BackupFile.properties

/** A file with an `uploadId` still waits for its upload; `sha256` and `size` are then what was announced, if anything. */
const SeedFile = Type.Object(
  {
    ...fileFields,
    parentFolder,
    fileName,
    fileId: Type.Optional(IssuedId),
    sha256: Type.Optional(sha256),
    size: Type.Optional(size),
    uploadId: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  },
  exact,
)

const SeedLock = Type.Object({ moduleCode: ModuleCode, lockId: LockId, expiresAt: Instant }, exact)

/** DEC-31: where ids go on. */
const Position = Type.Object(
  {
    lastId: Type.Optional(IssuedId),
    random: Type.Optional(Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{8}){3}$' })),
  },
  exact,
)

/** A record with an `endTime` is completed. */
const SeedRecord = Type.Object(
  {
    ...createBackupRecord.body.properties,
    recordId: Type.Optional(IssuedId),
    version: Type.Optional(BackupRecord.properties.version),
    endTime: Type.Optional(Instant),
    files: Type.Optional(Type.Array(SeedFile)),
  },
  exact,
)

const SeedToken = Type.Object(
  {
    token: Type.String({ pattern: '^[\\x21-\\x7e]{1,4096}$', 'x-facts': ['DEC-2'] }),
    userId: headers['x-user-id'],
    lifetime: Type.Optional(Type.String({ description: 'an ISO 8601 duration such as PT20M', 'x-facts': ['DEC-3'] })),
  },
  exact,
)

const SeedApp = Type.Object({ appId: Type.String({ minLength: 1 }), appSecret: Type.String({ minLength: 1 }) }, exact)

/** DEC-32: what a new world starts with, every part optional. */
export const Seed = Type.Object(
  {
    configCatalogue: Type.Optional(Type.Array(CatalogueEntry)),
    users: Type.Optional(
      Type.Record(
        headers['x-user-id'],
        Type.Object(
          {
            devices: Type.Optional(Type.Array(SeedDevice)),
            locks: Type.Optional(Type.Array(SeedLock)),
            records: Type.Optional(Type.Array(SeedRecord)),
          },
          exact,
        ),
        exact,
      ),
    ),
    tokens: Type.Optional(Type.Array(SeedToken)),
    apps: Type.Optional(Type.Array(SeedApp)),
    position: Type.Optional(Position),
  },
  exact,
)
export type Seed = Static<typeof Seed>
