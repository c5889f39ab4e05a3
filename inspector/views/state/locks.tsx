import type { SeedLock } from '../../../schemas/seed.ts'
import { moveClock } from '../../actions.ts'
import { lockLife, renewalDue } from '../../model/clocks.ts'
import { countdown, span, timeOf } from '../../model/wording.ts'
import { Button } from '../../parts/button.tsx'
import { Card } from '../../parts/card.tsx'
import { Meter } from '../../parts/meter.tsx'
import { Note } from '../../parts/note.tsx'
import { Reference } from '../../parts/related.tsx'
import { useClock } from '../../parts/ticking.ts'
import { all, heldLocks } from '../../session.ts'

/** What modules are for (COM-7). */
const moduleNames: Readonly<Record<string, string>> = { 100: 'folders', 101: 'album', 102: 'address book' }

interface LocksProps {
  readonly locks: readonly SeedLock[]
  readonly user: string
  /** Whether they can be gone to from here. */
  readonly hasMoves?: boolean
}

/** The locks of a user with how long they live, by the state clock. */
export function Locks({ locks, user, hasMoves = false }: LocksProps) {
  return (
    <Card title="Locks" note="each lives ten minutes of the state clock; renew before 80 %">
      {locks.length === 0 && <Note>No module is locked.</Note>}
      {locks.map((lock) => (
        <LockRow key={lock.lockId} lock={lock} user={user} hasMoves={hasMoves} />
      ))}
    </Card>
  )
}

interface LockRowProps {
  readonly lock: SeedLock
  readonly user: string
  readonly hasMoves: boolean
}

export function LockRow({ lock: { moduleCode, lockId, expiresAt }, user, hasMoves }: LockRowProps) {
  const left = Date.parse(expiresAt) - useClock('state', 100)
  const tone = left <= 0 ? '' : left <= lockLife * (1 - renewalDue) ? 'partial' : 'accepted'
  return (
    <div class="lock-row">
      <div>
        <span class="strong">Module {moduleCode}</span>{' '}
        <span class="muted">{hasMoves ? `user ${user}` : moduleNames[moduleCode]}</span>
      </div>
      <Meter left={left} />
      <div class={`left ${tone}`}>{left > 0 ? countdown(left) : 'expired'}</div>
      {hasMoves ? (
        <Moves expiresAt={expiresAt} left={left} />
      ) : (
        <Story lockId={lockId} expiresAt={expiresAt} left={left} />
      )}
    </div>
  )
}

/** Until when, and which exchanges took and renewed it, or came too late. */
function Story({
  lockId,
  expiresAt,
  left,
}: {
  readonly lockId: string
  readonly expiresAt: string
  readonly left: number
}) {
  // Of several that a world which was put back gave the same id, only one that is still held is known to be this.
  const own = heldLocks.value.filter((one) => one.lockId === lockId)
  const held = own.length > 1 ? own.find(({ over }) => over === null) : own[0]
  const late = all.value.find((one) => one.lockId === lockId && !one.worked && one.refusal === 'lockNotHeld')
  return (
    <div class="muted">
      {left > 0 ? `until ${timeOf(expiresAt)}` : `${span(-left)} ago`}
      {held?.begun.slice(-2).map(({ by }) => (
        <>
          {' · '}
          <Reference id={by} />
        </>
      ))}
      {left <= 0 && late && (
        <>
          {' · '}
          <Reference id={late.id}> came too late</Reference>
        </>
      )}
    </div>
  )
}

function Moves({ expiresAt, left }: { readonly expiresAt: string; readonly left: number }) {
  const goTo = (before: number, words: string) =>
    void moveClock(
      { now: new Date(Date.parse(expiresAt) - before).toISOString() },
      `The state clock stands at ${words}`,
    )
  const due = lockLife * (1 - renewalDue)
  return (
    <div class="does">
      <Button look="small" disabled={left <= due} onClick={() => goTo(due, '80 % of this lock')}>
        Go to 80 %
      </Button>
      <Button look="small" disabled={left <= 0} onClick={() => goTo(0, 'the end of this lock')}>
        Go to its end
      </Button>
    </div>
  )
}
