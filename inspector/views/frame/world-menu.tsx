import type { WorldView } from '../../../schemas/control.ts'
import { counted, span } from '../../model/wording.ts'
import { Icon } from '../../parts/icon.tsx'
import { Menu } from '../../parts/menu.tsx'
import { hrefOfView, hrefOfWorld, place } from '../../place.ts'
import { readWorlds, worlds } from '../../session.ts'

/** Which world is looked at, and which others there are. */
export function WorldMenu() {
  const { value } = worlds
  const { world } = place.value
  const face = (
    <>
      <span class="dot" />
      <span class="name">{world}</span>
      <span class="muted count">{counted(value.length, 'world')}</span>
      <Icon name="chevrons-up-down" size={13} class="muted" />
    </>
  )
  return (
    <Menu class="crumb" face={face}>
      <Choices />
    </Menu>
  )
}

/** The newest first: what somebody looks for was called just now. */
const newestFirst = (one: WorldView, other: WorldView): number =>
  Date.parse(other.lastUsedAt) - Date.parse(one.lastUsedAt)

function Choices() {
  void Promise.resolve().then(readOnce)
  const { world } = place.value
  return (
    <>
      {worlds.value
        .toSorted(newestFirst)
        .slice(0, 12)
        .map((one) => (
          <a key={one.name} href={hrefOfWorld(one.name, place.value.view)} aria-current={one.name === world}>
            {one.name}
            <small>
              {one.counts ? counted(one.counts.requests, 'request') : ''}
              {one.counts && one.counts.refused > 0 ? `, ${one.counts.refused} refused` : ''}
              {` · ${span(Date.now() - Date.parse(one.lastUsedAt))} ago`}
            </small>
          </a>
        ))}
      <a href={hrefOfView('worlds')}>
        <Icon name="globe" size={14} />
        All worlds
      </a>
    </>
  )
}

let readAt = 0

/** The counts are of when the list was opened. */
function readOnce(): void {
  if (performance.now() - readAt < 2000) return
  readAt = performance.now()
  readWorlds()
}
