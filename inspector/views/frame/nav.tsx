import type { View } from '../../address.ts'
import { addressOf } from '../../api.ts'
import { isLoopback } from '../../model/reach.ts'
import { counted, grouped } from '../../model/wording.ts'
import { Icon } from '../../parts/icon.tsx'
import type { IconName } from '../../parts/icons.ts'
import { hrefOfView, place } from '../../place.ts'
import { all, dropped, faults, review, server, snapshots, world } from '../../session.ts'

interface LinkProps {
  readonly view: View
  readonly icon: IconName
  readonly word: string
  readonly count?: number | string | undefined
  readonly tone?: string
}

const Link = ({ view, icon, word, count, tone = '' }: LinkProps) => (
  <a href={hrefOfView(view)} aria-current={place.value.view === view ? 'page' : undefined} title={word}>
    <Icon name={icon} />
    <span class="word">{word}</span>
    {count ? <span class={`count ${tone}`}>{count}</span> : null}
  </a>
)

export function Nav() {
  const { counts, settings } = world.value ?? {}
  return (
    <nav aria-label="Views">
      <h2>World</h2>
      <Link view="requests" icon="list" word="Requests" count={all.value.length > 0 ? grouped(all.value.length) : ''} />
      <Link view="timeline" icon="chart-gantt" word="Timeline" />
      <Link view="state" icon="database" word="State" count={counts?.users ? counted(counts.users, 'user') : ''} />
      <Link view="review" icon="flag" word="Review" count={review.value?.findings.length} tone="partial" />
      <Link view="coverage" icon="circle-dashed" word="Coverage" />
      <Link view="faults" icon="zap" word="Faults" count={faults.value.length} tone="injected" />
      <Link view="clocks" icon="clock" word="Clocks" />
      <Link view="snapshots" icon="camera" word="Snapshots" count={snapshots.value.length} />
      <h2>Tools</h2>
      <Link view="explain" icon="circle-question-mark" word="Explain a request" />
      <Link view="tokens" icon="lock" word="Tokens and apps" />
      <Link view="worlds" icon="globe" word="Worlds" />
      <a href={addressOf('docs')} title="API documentation">
        <Icon name="book-open" />
        <span class="word">API documentation</span>
      </a>
      <footer>
        Journal: {grouped(all.value.length)} seen
        {dropped.value > 0 && `, ${grouped(dropped.value)} given up`}
        <br />
        Version {server.value?.version ?? 'unknown'}
        {settings && ` · seed ${settings.seed}`}
        <br />
        {settings && `devices ${settings.devices} · auth ${settings.auth}`}
        {isLoopback(location.hostname) || (
          <span class="reach">Reached as {location.hostname}: whoever can open this page can do all that it does.</span>
        )}
      </footer>
    </nav>
  )
}
