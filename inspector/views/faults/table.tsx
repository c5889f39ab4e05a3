import { attempt } from '../../actions.ts'
import type { FaultView } from '../../api.ts'
import { api } from '../../api.ts'
import { effectSaid, isSpent, timingSaid } from '../../model/fault-words.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Columns } from '../../parts/columns.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Note } from '../../parts/note.tsx'
import { Reference } from '../../parts/related.tsx'
import { place } from '../../place.ts'
import { all, faults } from '../../session.ts'

const figures = ['Matched', 'Fired']

/** The faults of the world in the order in which they are tried. */
export const FaultTable = () => (
  <Card title="Active" note="tried in this order; the first that fires wins">
    {faults.value.length === 0 ? (
      <Note>There is none: everything answers as it should.</Note>
    ) : (
      <div class="wide-table">
        <table class="pairs faults-table">
          <Columns names={['Id', 'Effect', 'For', 'When', ...figures, '']} figures={figures} />
          <tbody>
            {faults.value.map((fault, index) => (
              <FaultRow key={fault.id} fault={fault} position={index} />
            ))}
          </tbody>
        </table>
      </div>
    )}
  </Card>
)

function FaultRow({ fault, position }: { readonly fault: FaultView; readonly position: number }) {
  const { id, effect, operations, deviceId, body, when, matched, hits, refused } = fault
  const subjects = [
    operations === '*' ? 'all' : operations.join(', '),
    deviceId ?? '',
    body ? JSON.stringify(body) : '',
  ]
  const last = all.value.findLast((summary) => summary.fault === id)
  return (
    <tr>
      <td class="mono">{id}</td>
      <td class="sent">
        {effectSaid(effect)}
        {refused && <p class="muted">What it sent was refused: {refused}</p>}
      </td>
      <td class="mono sent">{subjects.filter(Boolean).join(' · ')}</td>
      <td>{timingSaid(when)}</td>
      <td class="mono number">{matched}</td>
      <td class="mono number">{hits}</td>
      <td>
        <div class="actions">
          {isSpent(fault) && (
            <span class="muted">
              spent{' '}
              {last && (
                <>
                  · <Reference id={last.id} />
                </>
              )}
            </span>
          )}
          <Handles fault={fault} position={position} />
        </div>
      </td>
    </tr>
  )
}

function Handles({ fault: { id, paused }, position }: { readonly fault: FaultView; readonly position: number }) {
  const { world } = place.value
  return (
    <>
      <Button look="small" onClick={() => attempt(() => api.changeFault(world, id, { paused: !paused }))}>
        {paused ? 'Go on' : 'Pause'}
      </Button>
      {position > 0 && (
        <Button
          look="quiet small symbol"
          aria-label={`Try ${id} earlier`}
          onClick={() => attempt(() => api.changeFault(world, id, { position: position - 1 }))}
        >
          <Icon name="arrow-up" size={13} />
        </Button>
      )}
      <Button
        look="quiet small symbol"
        aria-label={`Remove ${id}`}
        onClick={() => attempt(() => api.removeFault(world, id), `${id} was removed`)}
      >
        <Icon name="trash-2" size={13} />
      </Button>
    </>
  )
}
