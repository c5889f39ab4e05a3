import { useEffect } from 'preact/hooks'
import { connection } from './asking.ts'
import { shownOutcome } from './model/outcome.ts'
import { isWorldName } from './model/world-names.ts'
import { Announcer } from './parts/announce.tsx'
import { Boundary } from './parts/boundary.tsx'
import { Button } from './parts/button.tsx'
import { Page } from './parts/page.tsx'
import { Question } from './parts/question.tsx'
import { hrefOfView, place } from './place.ts'
import { all, exchanges } from './session.ts'
import { focusList } from './shortcuts.ts'
import { Clocks } from './views/clocks.tsx'
import { Coverage } from './views/coverage.tsx'
import { Explain } from './views/explain.tsx'
import { Faults } from './views/faults/index.tsx'
import { Banner } from './views/frame/banner.tsx'
import { Help } from './views/frame/help.tsx'
import { Nav } from './views/frame/nav.tsx'
import { Top } from './views/frame/top.tsx'
import { Requests } from './views/requests/index.tsx'
import { Review } from './views/review.tsx'
import { Snapshots } from './views/snapshots.tsx'
import { State } from './views/state.tsx'
import { Timeline } from './views/timeline.tsx'
import { Tokens } from './views/tokens.tsx'
import { Worlds } from './views/worlds.tsx'

const shownViews = {
  requests: Requests,
  timeline: Timeline,
  state: State,
  review: Review,
  coverage: Coverage,
  faults: Faults,
  clocks: Clocks,
  snapshots: Snapshots,
  explain: Explain,
  tokens: Tokens,
  worlds: Worlds,
} as const

/** The page: frame, and the view that the address names. */
export function App() {
  const { view, world } = place.value
  const View = isWorldName(world) || view === 'worlds' ? shownViews[view] : NoName
  useTitle()
  const isLost = connection.value.kind === 'lost'
  return (
    <div class={`app ${isLost ? 'lost' : ''}`}>
      <Button look="skip" onClick={focusList}>
        Skip the navigation
      </Button>
      <Top />
      <Banner />
      <Nav />
      <main class={view === 'requests' ? '' : 'page'} aria-label={view} tabIndex={-1}>
        <Boundary key={`${view} ${world}`} what="This view">
          <View />
        </Boundary>
      </main>
      <Help />
      <Question />
      <Announcer />
    </div>
  )
}

const NoName = () => (
  <Page
    title="No world can have this name"
    about="A name is 1 to 64 letters, digits, dots, dashes and underscores, save . and .."
  >
    <a class="reference" href={hrefOfView('worlds')}>
      All worlds
    </a>
  </Page>
)

/** What a tab is called: the exchange that is open, or the view, and of which world. */
function useTitle(): void {
  const { view, world, request } = place.value
  void all.value
  const summary = request === null ? undefined : exchanges.find(request)
  const about = summary
    ? `#${summary.id} ${summary.operation ?? summary.method} ${shownOutcome(summary).spoken}`
    : `${view[0]?.toUpperCase()}${view.slice(1)}`
  const title = `${about} · ${world} · KooDrive emulator`
  useEffect(() => {
    document.title = title
  }, [title])
}
