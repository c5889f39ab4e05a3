import type { Change } from '../../schemas/change.ts'
import type { Seed } from '../../schemas/seed.ts'
import { takeSnapshot } from '../actions.ts'
import { api } from '../api.ts'
import { summed } from '../model/changes.ts'
import { madeBy } from '../model/made-by.ts'
import { counted } from '../model/wording.ts'
import { useAnswer } from '../parts/answer.ts'
import { Button } from '../parts/button.tsx'
import { Mistake } from '../parts/card.tsx'
import { saveAs } from '../parts/copy.tsx'
import { Select } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Page } from '../parts/page.tsx'
import { go, place } from '../place.ts'
import { all, restorations, snapshots, stored, world } from '../session.ts'
import { useDifference } from './difference.ts'
import { ChangeList } from './requests/changes.tsx'
import { Devices } from './state/devices.tsx'
import { Locks } from './state/locks.tsx'
import { Records } from './state/records.tsx'

/** What is stored, and what became of it since; of a world that is not there, nothing. */
function useStored() {
  const { world: name, from } = place.value
  const question = world.value === null ? '' : name
  const { answer: state = null } = useAnswer(question, [stored.value], () => (question ? api.state(name) : undefined))
  const { changes, error } = useDifference(question && from, 'now')
  return { state, changes, mistake: error?.message }
}

/** What a world stores, user by user, and which request made it. */
export function State() {
  const { state, changes, mistake } = useStored()
  const { user: asked, world: name, from } = place.value
  const users = Object.keys(state?.users ?? {})
  const user = asked || (users[0] ?? '')
  const head = (
    <>
      <Users users={users} user={user} state={state} />
      <span class="grow" />
      <Button
        look=""
        disabled={state === null}
        onClick={() => saveAs(`${name}-seed.json`, 'application/json', JSON.stringify(state, null, 2))}
      >
        <Icon name="download" size={14} /> Export as seed
      </Button>
      <Button look="" onClick={() => takeSnapshot()}>
        <Icon name="camera" size={14} /> Take snapshot
      </Button>
      <From />
    </>
  )
  return (
    <Page title="State" head={head}>
      <Mistake text={mistake} />
      {changes && <p class="muted">{`Since ${wordFor(from)}: ${summed(changes) || 'nothing differs'}.`}</p>}
      <Stored state={state} user={user} changes={changes ?? []} />
      {changes && changes.length > 0 && <ChangeList title={`Since ${wordFor(from)}`} changes={changes} />}
    </Page>
  )
}

const wordFor = (from: string): string =>
  from.startsWith('request:') ? `before #${from.slice('request:'.length)}` : `snapshot ${from}`

interface StoredProps {
  readonly state: Seed | null
  readonly user: string
  readonly changes: readonly Change[]
}

function Stored({ state, user, changes }: StoredProps) {
  const own = state?.users?.[user]
  const makers = madeBy(all.value, restorations.value)
  if (own === undefined) {
    return (
      <p class="muted">
        Nothing is stored {user && state ? `for user ${user}` : 'in this world'}
        {state === null ? ', for nothing has called it yet' : ''}. What a client binds, locks and records appears here.
      </p>
    )
  }
  const { locks = [], devices = [], records = [] } = own
  return (
    <>
      <Locks locks={locks} user={user} />
      <Devices
        devices={devices}
        records={records}
        catalogue={state?.configCatalogue ?? []}
        makers={makers}
        changes={changes}
      />
      <Records records={records} makers={makers} />
    </>
  )
}

interface UsersProps {
  readonly users: readonly string[]
  readonly user: string
  readonly state: Seed | null
}

const Users = ({ users, user, state }: UsersProps) => (
  <div class="choices">
    {users.slice(0, 5).map((one) => (
      <Button key={one} aria-pressed={one === user} onClick={() => go({ user: one }, { replace: true })}>
        <span class="sent">{one}</span>{' '}
        <span class="count">{counted(state?.users?.[one]?.devices?.length ?? 0, 'device')}</span>
      </Button>
    ))}
    {users.length > 5 && (
      <Select label="User" value={user} onChoose={(one) => go({ user: one }, { replace: true })}>
        {users.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </Select>
    )}
  </div>
)

/** With which state the present one is compared. */
function From() {
  const { from } = place.value
  const writing = all.value
    .filter(({ rowsWritten }) => rowsWritten > 0)
    .slice(-40)
    .toReversed()
  return (
    <Select
      class={`button ${from === '' ? '' : 'on'}`}
      label="Compare with"
      value={from}
      onChoose={(one) => go({ from: one }, { replace: true })}
    >
      <option value="">Compare with …</option>
      {snapshots.value.map(({ label }) => (
        <option key={label} value={label}>
          Compare with snapshot {label}
        </option>
      ))}
      {from.startsWith('request:') && !writing.some(({ id }) => from === `request:${id}`) && (
        <option value={from}>Compare with before #{from.slice(8)}</option>
      )}
      {writing.map(({ id }) => (
        <option key={id} value={`request:${id}`}>
          Compare with before #{id}
        </option>
      ))}
    </Select>
  )
}
