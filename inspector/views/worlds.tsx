import { useEffect, useState } from 'preact/hooks'
import type { WorldView } from '../../schemas/control.ts'
import { attempt, resetWorld } from '../actions.ts'
import { placeOf } from '../address.ts'
import { api } from '../api.ts'
import { capital, grouped, span } from '../model/wording.ts'
import { Button } from '../parts/button.tsx'
import { Card } from '../parts/card.tsx'
import { Columns } from '../parts/columns.tsx'
import { CopyButton } from '../parts/copy.tsx'
import { Input } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { go, hrefOfWorld, place } from '../place.ts'
import { parked, readWorlds, worlds } from '../session.ts'
import { worldAddress } from './requests/empty.tsx'

/** Every world that there is, and one more. */
export function Worlds() {
  const [name, setName] = useState('')
  useEffect(readWorlds, [])
  const make = (event: Event) => {
    event.preventDefault()
    void attempt(async () => {
      await api.beginWorld(name, {})
      go(placeOf(hrefOfWorld(name)))
    }, `${name} was made`)
  }
  return (
    <Page
      title="Worlds"
      about="Two share nothing. A client names one by its address; calls that name none are default's."
    >
      <form class="actions" onSubmit={make}>
        <Input class="input short mono" label="Name" placeholder="name of a new world" value={name} onWrite={setName} />
        <Button type="submit" look="" disabled={name === ''}>
          <Icon name="plus" size={14} /> Make a world
        </Button>
      </form>
      <Card title="Worlds" note={`${worlds.value.length}${parked.value > 0 ? `, and ${parked.value} parked` : ''}`}>
        <div class="wide-table">
          <table class="pairs worlds-table">
            <Columns names={columns} />
            <tbody>
              {worlds.value.slice(0, 200).map((one) => (
                <WorldRow key={one.name} one={one} />
              ))}
            </tbody>
          </table>
        </div>
      </Card>
    </Page>
  )
}

const counted = ['requests', 'refused', 'locks', 'faults'] as const
const columns = ['World', 'Address', 'Auth · devices · seed', ...counted.map(capital), 'Used', '']

function WorldRow({ one: { name, settings, counts, lastUsedAt } }: { readonly one: WorldView }) {
  const address = worldAddress(name)
  return (
    <tr>
      <th scope="row">
        <a class="reference" href={hrefOfWorld(name)} aria-current={name === place.value.world}>
          {name}
        </a>
      </th>
      <td class="mono">
        <span class="actions nowrap">
          <span class="sent">{address}</span>
          <CopyButton text={() => address} what={`The address of ${name}`} />
        </span>
      </td>
      <td class="muted">
        {settings.auth} · {settings.devices} · {settings.seed}
      </td>
      {counted.map((what) => (
        <td key={what} class="mono">
          {grouped(counts?.[what] ?? 0)}
        </td>
      ))}
      <td class="muted">{span(Date.now() - Date.parse(lastUsedAt))} ago</td>
      <td>
        <div class="actions">
          <Button look="small" onClick={() => resetWorld(name)}>
            Reset
          </Button>
          {name !== 'default' && (
            <Button
              look="quiet small symbol"
              aria-label={`Drop ${name}`}
              onClick={() => attempt(() => api.dropWorld(name).then(readWorlds), `${name} was dropped`)}
            >
              <Icon name="trash-2" size={13} />
            </Button>
          )}
        </div>
      </td>
    </tr>
  )
}
