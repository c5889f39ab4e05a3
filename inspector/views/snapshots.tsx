import { useState } from 'preact/hooks'
import { attempt, restore, takeSnapshot } from '../actions.ts'
import { api } from '../api.ts'
import { dayAndTime, grouped } from '../model/wording.ts'
import { Button } from '../parts/button.tsx'
import { Card, Mistake } from '../parts/card.tsx'
import { Columns } from '../parts/columns.tsx'
import { Input, Select } from '../parts/field.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Page } from '../parts/page.tsx'
import { place } from '../place.ts'
import { snapshots } from '../session.ts'
import { useDifference } from './difference.ts'
import { ChangeList } from './requests/changes.tsx'

/** Snapshots: take them, go back to them, and see what differs. */
export function Snapshots() {
  const [label, setLabel] = useState('')
  const { world } = place.value
  const take = async (event: Event) => {
    event.preventDefault()
    if (await takeSnapshot(label || undefined)) setLabel('')
  }
  return (
    <Page
      title="Snapshots"
      about="A world as it was, whole; going back takes a moment and loses what came since."
      width={1080}
    >
      <form class="actions" onSubmit={take}>
        <Input
          class="input short mono"
          label="Label"
          placeholder="label, such as bound"
          value={label}
          onWrite={setLabel}
        />
        <Button type="submit" look="primary">
          <Icon name="camera" size={14} /> Take snapshot
        </Button>
      </form>
      <Card title="Kept" note={snapshots.value.length}>
        {snapshots.value.length === 0 ? (
          <Note>None yet.</Note>
        ) : (
          <table class="pairs">
            <Columns names={['Label', 'State time', 'Taken', 'Bytes', '']} figures={['Bytes']} />
            <tbody>
              {snapshots.value.map(({ label: name, now, takenAt, bytes }) => (
                <tr key={name}>
                  <th scope="row" class="mono strong">
                    {name}
                  </th>
                  <td class="mono">{dayAndTime(now)}</td>
                  <td class="mono muted">{dayAndTime(takenAt)}</td>
                  <td class="mono number">{grouped(bytes)}</td>
                  <td>
                    <div class="actions">
                      <Button look="small" onClick={() => restore(world, name)}>
                        <Icon name="undo-2" size={13} /> Restore
                      </Button>
                      <Button
                        look="quiet small symbol"
                        aria-label={`Drop ${name}`}
                        onClick={() => attempt(() => api.dropSnapshot(world, name), `${name} was dropped`)}
                      >
                        <Icon name="trash-2" size={13} />
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      {snapshots.value.length > 0 && <Differences />}
    </Page>
  )
}

/** What differs between two snapshots, or one and now. */
function Differences() {
  const labels = snapshots.value.map(({ label }) => label)
  const [asked, setFrom] = useState('')
  const [until, setTo] = useState('')
  // One that was chosen may have been dropped since.
  const known = (label: string, instead = 'now') => (labels.includes(label) ? label : instead)
  const [from, to] = [known(asked, labels[0]), known(until)]
  const { changes, error } = useDifference(from, to)
  return (
    <>
      <div class="actions">
        Compare
        <Select label="From" value={from} onChoose={setFrom}>
          {labels.map((label) => (
            <option key={label}>{label}</option>
          ))}
        </Select>
        with
        <Select label="With" value={to} onChoose={setTo}>
          {['now', ...labels].map((label) => (
            <option key={label}>{label}</option>
          ))}
        </Select>
      </div>
      <Mistake text={error?.message} />
      {changes?.length === 0 && <p class="muted">Nothing differs.</p>}
      {changes && changes.length > 0 && <ChangeList title={`From ${from} to ${to}`} changes={changes} />}
    </>
  )
}
