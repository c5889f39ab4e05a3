import type { Static, TString } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { headers, Instant, IssuedId, ModuleCode, PathId } from './common.ts'
import { ConfigWord } from './config.ts'
import { deviceFields } from './device.ts'
import { BackupFile, createBackupFile } from './file.ts'
import { createBackupRecord } from './record.ts'
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
const orEmpty = (field: TString) => Type.Union([field, Type.Literal('')])

const SeedDevice = Type.Object(
  {
    deviceId: PathId,
    machineCode: orEmpty(deviceFields.machineCode),
    deviceName: Type.Optional(orEmpty(deviceFields.deviceName)),
    deviceOS: Type.Optional(orEmpty(deviceFields.deviceOS)),
    createTime: Type.Optional(Instant),
    scopes: Type.Optional(Type.Array(SeedScope)),
    configs: Type.Optional(Type.Array(SeedConfig)),
  },
  exact,
)

const { fileName, parentFolder } = createBackupFile.body.properties
const { sha256, size } = BackupFile.properties

const SeedFile = Type.Object(
  { fileId: Type.Optional(IssuedId), fileName, parentFolder, sha256, size, description: Type.Optional(Type.String()) },
  exact,
)

/** A record with an `endTime` is completed. */
const SeedRecord = Type.Object(
  {
    ...createBackupRecord.body.properties,
    recordId: Type.Optional(IssuedId),
    endTime: Type.Optional(Instant),
    files: Type.Optional(Type.Array(SeedFile)),
  },
  exact,
)

const SeedToken = Type.Object(
  {
    token: Type.String({ pattern: '^[\\x21-\\x7e]{1,4096}$', 'x-facts': 'DEC-2' }),
    userId: headers['x-user-id'],
    lifetime: Type.Optional(Type.String({ description: 'an ISO 8601 duration such as PT20M', 'x-facts': 'DEC-3' })),
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
          { devices: Type.Optional(Type.Array(SeedDevice)), records: Type.Optional(Type.Array(SeedRecord)) },
          exact,
        ),
      ),
    ),
    tokens: Type.Optional(Type.Array(SeedToken)),
    apps: Type.Optional(Type.Array(SeedApp)),
  },
  exact,
)
export type Seed = Static<typeof Seed>
