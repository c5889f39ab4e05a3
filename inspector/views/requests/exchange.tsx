import { signal } from '@preact/signals'
import { useRef } from 'preact/hooks'
import type { Tab } from '../../address.ts'
import type { ExchangeView } from '../../api.ts'
import { api, Refused } from '../../api.ts'
import { replayWord } from '../../model/resending.ts'
import { useAnswer } from '../../parts/answer.ts'
import { Boundary } from '../../parts/boundary.tsx'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { OutcomePill } from '../../parts/outcome.tsx'
import { Related } from '../../parts/related.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { place } from '../../place.ts'
import { all, dropped, exchanges, isKnown, review } from '../../session.ts'
import { closeExchange } from '../../shortcuts.ts'
import { Changes } from './changes.tsx'
import { Compare } from './compare.tsx'
import { Actions, chooseTab } from './exchange-actions.tsx'
import { Findings } from './findings.tsx'
import { Headers } from './headers.tsx'
import { AnswerPanel, RequestPanel } from './panels.tsx'
import { Replay } from './replay.tsx'

/** What is known of exchanges, so that going back and forth shows them at once. */
const kept = signal<ReadonlyMap<string, ExchangeView>>(new Map())

const keyOf = (id: number): string => `${place.value.world} ${exchanges.generation} ${id}`

/** Asks for an exchange, and again whenever something may have been found out about it. */
function useExchange(id: number): { readonly exchange: ExchangeView | undefined; readonly error: Error | undefined } {
  const key = keyOf(id)
  const { world } = place.value
  const findings = review.value?.findings.filter(({ requests }) => requests.includes(id)).length
  const replays = all.value.filter(({ replayOf }) => replayOf === id).length
  // Whoever comes by its address may be here before the journal has it.
  const { error } = useAnswer(key, [findings, replays, isKnown(id)], async () => {
    const exchange = await api.exchange(world, id)
    kept.value = new Map([...kept.value, [key, exchange] as const].slice(-50))
  })
  return { exchange: kept.value.get(key), error }
}

/** The exchange that is open, beside the list or over it. */
export function ExchangePane({ id }: { readonly id: number }) {
  const { exchange, error } = useExchange(id)
  const pane = useRef<HTMLElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return
    event.preventDefault()
    closeExchange()
  }
  return (
    <section
      ref={pane}
      class="exchange"
      aria-label={`Exchange ${id}`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by key
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {exchange ? (
        <Boundary what="This exchange">
          <Exchange exchange={exchange} onClose={closeExchange} />
        </Boundary>
      ) : (
        <Missing id={id} error={error} onClose={closeExchange} />
      )}
    </section>
  )
}

interface MissingProps {
  readonly id: number
  readonly error: Error | undefined
  readonly onClose: () => void
}

function Missing({ id, error, onClose }: MissingProps) {
  if (!error) return null
  const newest = all.value.at(-1)?.id ?? 0
  const isForgotten = error instanceof Refused && error.status === 404 && id <= newest
  return (
    <div class="panels">
      <h1>#{id}</h1>
      <p>{isForgotten ? `#${id} is no longer kept: ${whyGone(newest - id)}` : error.message}</p>
      <div class="actions">
        <Button look="" onClick={onClose}>
          Close
        </Button>
      </div>
    </div>
  )
}

const whyGone = (later: number): string =>
  dropped.value === 0
    ? 'the journal was cleared.'
    : `${later} came after it, and ${dropped.value} were given up. Export earlier, or raise --journal-entries or --journal.`

interface ExchangeProps {
  readonly exchange: ExchangeView
  readonly onClose: () => void
}

const panels = {
  request: RequestPanel,
  answer: AnswerPanel,
  headers: Headers,
  changes: Changes,
  review: Findings,
  replay: Replay,
  compare: Compare,
} as const

function Exchange({ exchange, onClose }: ExchangeProps) {
  const { tab } = place.value
  const Panel = panels[tab]
  const { id, operation, method, path, replayOf, madeFirst, replays } = exchange
  return (
    <>
      <header>
        <div class="title">
          <h1 class="sent">{operation ?? `${method} that no operation takes`}</h1>
          <span class="muted">#{id}</span>
          <OutcomePill of={exchange} />
          {replayOf !== null && <Related word={replayWord(madeFirst)} id={replayOf} />}
          {replays.slice(-3).map((one) => (
            <Related key={one} word="sent again as" id={one} />
          ))}
          <span class="grow" />
          <Button look="quiet symbol close" aria-label="Close the exchange" onClick={onClose}>
            <Icon name="x" size={14} />
          </Button>
        </div>
        <p class="path mono" title={path}>
          <span class="sent">
            {method} {pathInWorld(exchange)}
          </span>
        </p>
        <Actions exchange={exchange} />
        <Tabs
          label="Parts of the exchange"
          panel="panel"
          names={namesOf(exchange)}
          current={tab}
          onChoose={chooseTab}
        />
      </header>
      <div key={tab} class="panels" id="panel" role="tabpanel" aria-label={tab}>
        <Boundary what="This part">
          <Panel exchange={exchange} />
        </Boundary>
      </div>
    </>
  )
}

/** Without the world, which stands above. */
const pathInWorld = ({ path, world }: ExchangeView): string =>
  path.startsWith(`/worlds/${world}/`) ? path.slice(`/worlds/${world}`.length) : path

function namesOf({ requestHeaders, responseHeaders, changes, rowsWritten, findings }: ExchangeView) {
  const { tab } = place.value
  const headers = Object.keys(requestHeaders).length + Object.keys(responseHeaders).length
  return [
    ['request', 'Request'],
    ['answer', 'Answer'],
    ['headers', 'Headers', headers],
    ['changes', 'Changes', changes?.length ?? (rowsWritten === 0 ? 0 : '?')],
    ['review', 'Review', findings.length],
    ...(tab === 'replay' ? [['replay', 'Replay'] as const] : []),
    ...(tab === 'compare' ? [['compare', 'Compare'] as const] : []),
  ] as const satisfies readonly (readonly [Tab, string, (number | string)?])[]
}
