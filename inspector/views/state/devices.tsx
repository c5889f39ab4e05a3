import { useState } from 'preact/hooks'
import type { Change } from '../../../schemas/change.ts'
import type { Seed, SeedDevice, SeedRecord } from '../../../schemas/seed.ts'
import { api } from '../../api.ts'
import { makersOf } from '../../model/made-by.ts'
import { counted, timeOf } from '../../model/wording.ts'
import { useAnswer } from '../../parts/answer.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Columns } from '../../parts/columns.tsx'
import { Note } from '../../parts/note.tsx'
import { Reference } from '../../parts/related.tsx'
import { place } from '../../place.ts'
import { all, exchanges, restorations } from '../../session.ts'

type Makers = ReadonlyMap<string, number | undefined>

interface DevicesProps {
  readonly devices: readonly SeedDevice[]
  readonly records: readonly SeedRecord[]
  readonly catalogue: NonNullable<Seed['configCatalogue']>
  readonly makers: Makers
  readonly changes: readonly Change[]
}

export const By = ({ id }: { readonly id: number | undefined }) =>
  id === undefined ? null : (
    <>
      {' by '}
      <Reference id={id} />
    </>
  )

/** Devices, and what each of them has. */
export function Devices({ devices, records, catalogue, makers, changes }: DevicesProps) {
  const [chosen, choose] = useState('')
  const shown =
    devices.find(({ deviceId }) => deviceId === chosen) ?? devices.find(({ scopes }) => scopes?.length) ?? devices[0]
  return (
    <>
      <Card title="Devices" note={devices.length}>
        <table class="pairs">
          <Columns names={['Device', 'Machine code', 'System', 'Scopes', 'Configurations', 'Records', 'Bound']} />
          <tbody>
            {devices.map((device) => (
              <DeviceRow
                key={device.deviceId}
                device={device}
                records={records.filter(({ deviceId }) => deviceId === device.deviceId).length}
                maker={makers.get(device.deviceId)}
                isShown={device === shown}
                onShow={() => choose(device.deviceId)}
              />
            ))}
          </tbody>
        </table>
      </Card>
      {shown && (
        <div class="two">
          <Scopes device={shown} changes={changes} />
          <Configs device={shown} catalogue={catalogue} makers={makers} />
        </div>
      )}
    </>
  )
}

const nameOf = ({ deviceName, deviceId }: SeedDevice): string => deviceName || deviceId

interface DeviceRowProps {
  readonly device: SeedDevice
  readonly records: number
  readonly maker: number | undefined
  readonly isShown: boolean
  readonly onShow: () => void
}

const DeviceRow = ({ device, records, maker, isShown, onShow }: DeviceRowProps) => (
  <tr>
    <th scope="row">
      <Button aria-pressed={isShown} onClick={onShow} title="Show its scopes and configurations">
        <span class="strong sent">{device.deviceName || 'unnamed'}</span>{' '}
        <span class="mono muted">{device.deviceId}</span>
      </Button>
    </th>
    <td class="mono sent">{device.machineCode || <span class="muted">adopted</span>}</td>
    <td class="sent">{device.deviceOS}</td>
    <td class="mono">{device.scopes?.length ?? 0}</td>
    <td class="mono">{device.configs?.length ?? 0} changed</td>
    <td class="mono">{records}</td>
    <td class="muted">
      {device.unbound ? 'unbound' : device.createTime ? timeOf(device.createTime) : 'bound'}
      <By id={maker} />
    </td>
  </tr>
)

/** Which exchange added a scope: what each exchange changed says so, where it was noted. */
function useScopeMakers(deviceId: string): Makers {
  const { world } = place.value
  const adding = all.value
    .filter(
      ({ operation, sent, worked }) => operation === 'batchAddBackupScope' && worked && sent['deviceId'] === deviceId,
    )
    .slice(-20)
    .map(({ id }) => id)
  const ask = () => Promise.all(adding.map((id) => api.exchange(world, id).catch(() => null)))
  const { answer = [] } = useAnswer(`${exchanges.generation} ${adding}`, [], ask)
  const pairs = answer.flatMap((exchange) =>
    (exchange?.changes ?? []).map((change) => [String(change.key['scopeId']), exchange?.id ?? 0] as const),
  )
  return makersOf(pairs, restorations.value)
}

function Scopes({ device, changes }: { readonly device: SeedDevice; readonly changes: readonly Change[] }) {
  const makers = useScopeMakers(device.deviceId)
  const added = new Set(
    changes.filter(({ entity, change }) => entity === 'scope' && change === 'added').map(({ key }) => key['scopeId']),
  )
  const scopes = device.scopes ?? []
  return (
    <Card
      title={`Scopes of ${nameOf(device)}`}
      note={added.size > 0 ? `${counted(added.size, 'scope')} added since` : ''}
    >
      {scopes.length === 0 ? (
        <Note>None.</Note>
      ) : (
        <table class="pairs">
          <Columns names={['Module', 'Local path', 'Target']} />
          <tbody>
            {scopes.slice(0, 200).map(({ scopeId = '', moduleCode, localPath, targetFolderPath }) => (
              <tr key={scopeId} class={added.has(scopeId) ? 'added' : ''}>
                <td class="mono">{moduleCode}</td>
                <td class="mono sent">
                  {localPath || <span class="muted">none</span>}
                  <span class="muted">
                    <By id={makers.get(scopeId)} />
                  </span>
                </td>
                <td class="mono sent">{targetFolderPath || <span class="muted">none</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  )
}

interface ConfigsProps {
  readonly device: SeedDevice
  readonly catalogue: NonNullable<Seed['configCatalogue']>
  readonly makers: Makers
}

/** Every configuration of a device: as it is from the beginning, or as it was changed. */
function Configs({ device, catalogue, makers }: ConfigsProps) {
  const changed = device.configs ?? []
  const initial = catalogue.filter(
    (one) =>
      !changed.some(({ moduleCode, configName }) => moduleCode === one.moduleCode && configName === one.configName),
  )
  const rows = [
    ...changed.map((one) => ({ ...one, isChanged: true })),
    ...initial.map(({ moduleCode, configName, initialValue }) => ({
      moduleCode,
      configName,
      configValue: initialValue,
      isChanged: false,
    })),
  ]
  return (
    <Card title="Configurations" note={`${changed.length} changed`}>
      {rows.length === 0 && <Note>None.</Note>}
      <table class="pairs">
        <tbody>
          {rows.slice(0, 200).map(({ moduleCode, configName, configValue, isChanged }) => (
            <tr key={`${moduleCode} ${configName}`}>
              <td class="mono">{moduleCode}</td>
              <td class="mono sent">{configName}</td>
              <td class="mono sent">{configValue}</td>
              <td class="muted">
                {isChanged ? 'changed' : 'initial'}
                <By id={makers.get(`${device.deviceId} ${moduleCode} ${configName}`)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  )
}
