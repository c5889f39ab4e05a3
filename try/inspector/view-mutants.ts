// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates in the code that is broken
import type { Mutant } from './mutant.ts'
import { broken } from './mutant.ts'

/** Of what the page shows and does; found by stories. */
export const viewMutants: readonly Mutant[] = [
  broken('views/requests/row.tsx', '3 every row')(
    'shows no rows that were written',
    'grouped(rowsWritten)',
    'grouped(0)',
  ),
  broken('views/requests/row.tsx', '3 every row')(
    'says nothing of a move of the clock',
    '<b>{signed(row.by)}</b> the',
    'the',
  ),
  broken('parts/outcome.tsx', '3 every row')(
    'shows one shape for all',
    'const { kind, glyph, word, detail, spoken } = shownOutcome(of)',
    "const { kind, word, detail, spoken } = shownOutcome(of)\n  const glyph = '●'",
  ),
  broken('session.ts', '3 every row')(
    'does not take what comes',
    'const count = exchanges.add(generation, entries)',
    'const count = 0',
  ),
  broken('session.ts', 'what happens between')(
    'believes that nothing was missed before the stream stood',
    "|| was === 'live'",
    "|| was !== 'lost'",
  ),
  broken('views/requests/bar.tsx', '5 pausing')('does not pause', 'exchanges.pause()', 'void 0'),
  broken('views/requests/why.tsx', '7 an exchange')('cites nothing', '<Cites ids={citations} />', '<Cites ids={[]} />'),
  broken('views/requests/why.tsx', '7 an exchange')(
    'says that the client knows',
    "delivered ? '' : ', and the client does not know it'",
    "''",
  ),
  broken('parts/body.tsx', '7 an exchange')('marks nothing in place', '`line ${kinds}`', '`line`'),
  broken('views/requests/checks.tsx', '7 an exchange')(
    'calls what was not reached failed',
    "passed === null ? 'unreached'",
    "passed === null ? 'failed'",
  ),
  broken('views/requests/exchange.tsx', '9 a request is sent')(
    'does not say of what it is a replay',
    '<Related word={replayWord(madeFirst)} id={replayOf} />',
    'null',
  ),
  broken('views/requests/changes.tsx', '12 what a request changed')(
    'leaves the last change out',
    'changes.slice(0, 200)',
    'changes.slice(0, -1)',
  ),
  broken('views/state.tsx', '13 the state')('compares with nothing', 'changes={changes ?? []}', 'changes={[]}'),
  broken('views/faults/form.tsx', '15 a fault')(
    'makes a fault for all operations',
    "operations.length === 0 ? '*' : [...operations]",
    "'*'",
  ),
  broken('views/faults/met.tsx', '15 a fault')('does not say what it would have met', 'answer?.would ?? []', '[]'),
  broken('views/review.tsx', '16 the review')(
    'shows no evidence',
    'requests.slice(0, 12).map',
    'requests.slice(0, 0).map',
  ),
  broken('views/coverage.tsx', 'coverage: shares')(
    'shows the call of the first, whichever was chosen',
    'chances[chosen] ?? chances[0]',
    'chances[0]',
  ),
  broken('views/coverage.tsx', 'coverage: shares')(
    'shows what was met for what there is',
    '{met} of {of}',
    '{met} of {met}',
  ),
  broken('views/lanes-chart.tsx', '18 the whole run')(
    'leaves refused ones out',
    'run.requests.map(({ x, summary }) => (',
    "run.requests.filter(({ summary }) => summary.outcome !== 'refused').map(({ x, summary }) => (",
  ),
  broken('views/lanes-chart.tsx', '18 the whole run')('does not say where one points', 'pointed.value === id', 'false'),
  broken('views/requests/empty.tsx', '20 a world')(
    'teaches a call of another world',
    'const call = callFor(worldAddress(name),',
    "const call = callFor(worldAddress('default'),",
  ),
  broken('shortcuts.ts', '21 keys alone: move')('takes letters in fields for keys', '|| isField(target)', ''),
  broken('shortcuts.ts', '21 keys alone: move')(
    'keeps keys on where the address switches them off',
    '!hasShortcuts.peek()',
    'false',
  ),
  broken('views/requests/list.tsx', '21 keys alone: move')(
    'opens nothing by Enter',
    "event.key === 'Enter'",
    "event.key === 'Return'",
  ),
  broken('shortcuts.ts', '21 keys alone, where')(
    'hears no keys where nothing has the focus',
    'isNowhere(target) && actInList(key)',
    'false',
  ),
  broken('views/requests/index.tsx', '21 keys alone, where')(
    'loses the focus with what had it',
    'document.activeElement === document.body',
    'false',
  ),
  broken('views/requests/following.ts', '21 keys alone, where')(
    'says of what is in view that it is below',
    'seen.current = Math.max(seen.current, lastIdIn(rows.slice(0, endOfView(view.top, view.height))))',
    'void endOfView',
  ),
  broken('views/requests/advice.tsx', '8c advice')('keeps advice of a world that was', '[present]', '[]'),
  broken('session.ts', 'a world that is reset')(
    'does not hear that a journal was cleared',
    'exchanges.clear(upTo)',
    '',
  ),
  broken('actions.ts', '6 what is cleared')(
    'clears whatever has come since',
    'api.clear(asked.world, asked.upTo)',
    'api.clear(asked.world, 1e9)',
  ),
  broken('actions.ts', '6 what is cleared')(
    'hides what another world has of these numbers',
    'generation === exchanges.generation ? upTo : 0',
    'upTo',
  ),
  broken('actions.ts', '6 what is cleared')(
    'clears a world that began anew',
    'generation === asked.generation',
    'true',
  ),
  broken('views/requests/exchange.tsx', 'an exchange that is asked for')(
    'asks once for what is not there yet',
    'isKnown(id)',
    'true',
  ),
  broken('views/difference.ts', 'snapshots are compared')(
    'compares with a world that was',
    'stored.value, snapshots.value',
    'snapshots.value',
  ),
  broken('views/difference.ts', 'snapshots are compared')(
    'compares with a snapshot that was',
    'stored.value, snapshots.value',
    'stored.value',
  ),
  broken('session.ts', 'state and clocks')(
    'does not read again what was put back',
    'stored.value += 1\n  void take(api.catalogue',
    'void take(api.catalogue',
  ),
  broken('views/requests/why.tsx', 'a fault that had a hand')(
    'tells of faults where nothing was answered',
    '(isEnded || fault !== null)',
    'isEnded',
  ),
  broken('views/requests/found.ts', 'answers are of the words')(
    'takes whatever answer comes',
    'found.value.question === question.value',
    'true',
  ),
  broken('views/frame/clock-pod.tsx', 'clocks are shown as they are')(
    'ticks with the state clock alone',
    "runs(reading.view, 'state') || !runs(reading.view, 'signing')",
    "runs(reading.view, 'state')",
  ),
  broken('watching.ts', 'a page that comes back')(
    'does not know that it missed anything',
    "name: 'gap'",
    "name: 'none'",
  ),
  broken('place.ts', 'another world has')('loses what the address says of keys', 'theme, shortcuts })', 'theme })'),
  broken('asking.ts', 'no row of a burst')(
    'gives up at once',
    'insists && connection.peek()',
    'false && connection.peek()',
  ),
  broken('parts/boundary.tsx', 'an entry that nobody foresaw')(
    'lets one row blank the page',
    'static override getDerivedStateFromError',
    'static unheard',
  ),
  broken('views/frame/top.tsx', 'look: refused')(
    'has a button without a name',
    'aria-label="Keyboard shortcuts"',
    'data-name="Keyboard shortcuts"',
  ),
  broken('style/tokens.css', 'look: refused')(
    'has text that is too pale',
    '--muted: light-dark(',
    '--muted: light-dark(#bbb, #555); --unused: light-dark(',
  ),
]
