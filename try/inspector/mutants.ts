// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates in the code that is broken
/** The page with one thing in it broken, and the words of the test or story that must notice. */
export interface Mutant {
  /** What it does wrong. */
  readonly defect: string
  /** Below `inspector/`. */
  readonly file: string
  /** What stands there once, and what takes its place. */
  readonly from: string
  readonly to: string
  /** Of the title of a test of `test/inspector.test.ts`, or of a story. */
  readonly by: string
}

const broken =
  (file: string, by: string) =>
  (defect: string, from: string, to: string): Mutant => ({ defect, file, from, to, by })

const address = broken('address.ts', 'an address and what it shows')
const filter = broken('model/filter.ts', 'a filter keeps what the journal keeps')
const typed = broken('model/filter.ts', 'a text that is typed')
const exchanges = broken('model/exchanges.ts', 'exchanges are kept in their order')
const moves = broken('model/exchanges.ts', 'a row says by how much the state clock was moved')
const outcome = broken('model/outcome.ts', 'outcomes have a shape')
const inView = broken('model/rows-in-view.ts', 'the rows that are made cover')
const json = broken('model/json-lines.ts', 'JSON is printed line by line')
const tree = broken('model/json-tree.ts', 'JSON is printed line by line')
const marks = broken('model/marks.ts', 'marks stand at the lines')
const reason = broken('model/reason.ts', 'a reason is taken apart')
const wording = broken('model/wording.ts', 'spans and amounts')
const clocks = broken('model/clocks.ts', 'clocks go on between')
const stream = broken('model/event-stream.ts', 'a stream of events is read')
const locks = broken('model/locks.ts', 'locks are held')
const undone = broken('model/locks.ts', 'a lock that was held when the world was put back')
const lanes = broken('model/lanes.ts', 'places on a line never cross')
const run = broken('model/run.ts', 'a run is laid out')
const changes = broken('model/changes.ts', 'changes are shown by what differs')
const makers = broken('model/made-by.ts', 'what is stored names the exchange')
const form = broken('model/fault-form.ts', 'forms are made of the contracts')
const words = broken('model/fault-words.ts', 'whatever the contracts know')
const spent = broken('model/fault-words.ts', 'a fault is spent')
const coverage = broken('model/coverage.ts', 'what was never met')
const diff = broken('model/text-diff.ts', 'two texts are laid side by side')
const snippets = broken('model/snippets.ts', 'snippets leave out')
const reach = broken('model/reach.ts', 'a page knows whether others')

/** Of what the page computes; found by tests in Node. */
export const modelMutants: readonly Mutant[] = [
  address('takes any digits for an id', '/^[1-9]\\d{0,14}$/', '/\\d/'),
  address('loses the world where it is default', "world: textOf('world') || start.world", "world: textOf('world')"),
  typed('takes the token q for a name', "isTermName(name) && name !== 'q'", 'isTermName(name)'),
  typed('keeps two conditions of one name', 'filter(({ name }) => name !== term.name)', 'filter(() => true)'),
  filter(
    'takes until to include its instant',
    'Date.parse(time) < Date.parse(value)',
    'Date.parse(time) <= Date.parse(value)',
  ),
  filter(
    'takes since to leave its instant out',
    'Date.parse(time) >= Date.parse(value)',
    'Date.parse(time) > Date.parse(value)',
  ),
  filter('decides by rows what only the journal knows', '(isDecidable(filter) || found.has(summary.id))', 'true'),
  filter('does not know fault:any', "value === 'any' ? fault !== null : fault === value", 'fault === value'),
  exchanges('takes rows of an older generation', 'this.generation !== null && generation < this.generation', 'false'),
  exchanges('keeps a row twice', '!known.has(id)', 'true'),
  exchanges('leaves rows in the order in which they came', 'isInOrder ? all', 'true ? all'),
  exchanges('shows what comes while it is paused', 'id <= end', 'true'),
  moves('tells every little move', 'Math.abs(by) < noticeable', 'false'),
  moves('does not see that a clock was put back', 'Math.abs(by) < noticeable', 'by < noticeable'),
  outcome('counts failed items as all', '${items.done} of ${items.done + failed}', '${items.done} of ${failed}'),
  outcome('says that work was done where none was', "ended.worked ? 'work done' : 'nothing done'", "'work done'"),
  inView(
    'makes one row too few',
    'Math.ceil((Math.max(0, top) + height) / rowHeight) + spare',
    'Math.floor((Math.max(0, top) + height) / rowHeight) - 1',
  ),
  inView('does not scroll up to a row', 'if (row * rowHeight < top) return row * rowHeight', ''),
  json('puts a comma behind the last', "isLast ? [] : [punctuation(',')]", "[punctuation(',')]"),
  json('closes an object one line late', 'end: last', 'end: last + 1'),
  tree(
    'reads a number that was respelt',
    "kind: /^[tfn]/.test(text) ? 'literal' : 'number', text }",
    "kind: 'number', text: String(JSON.parse(text)) }",
  ),
  marks('marks the item after the one that failed', '`/${list}/${index}`', '`/${list}/${index + 1}`'),
  marks('marks what was accepted as refused', "outcome === 'refused' && reason !== null", 'reason !== null'),
  reason('leaves citations in the sentence', "reason.replace(citation, '')", 'reason'),
  reason('does not undo escapes of pointers', "step.replaceAll('~1', '/').replaceAll('~0', '~')", 'step'),
  wording('rounds a countdown down', 'Math.ceil(millis)', 'Math.floor(millis / 10) * 10'),
  wording('says minutes for hours', "[hour, 'h']", "[hour, 'min']"),
  clocks('lets a frozen clock run', 'view.frozen ? 0 : at - readAt', 'at - readAt'),
  clocks(
    'stops the signing clock with the state clock, whatever it follows',
    "view.frozen && view.signing === 'state' ? 0",
    'view.frozen ? 0',
  ),
  stream('loses what a piece ends in', 'end < 0 ? all : all.slice(end + 2)', "''"),
  stream('takes a beat for an event', "if (data === undefined) return { kind: 'beat' }", ''),
  locks('does not count a renewal', 'end: at + lockLife }', 'end: held.end }'),
  locks('does not hear a release', "operation === 'releaseBackupLock'", 'false'),
  undone('draws what a restore undid as held', "{ ...lock, end: last, over: 'undone' }", 'lock'),
  lanes('does not fold idle time', 'Math.min(longIdle, Math.max(least, gap / usual))', 'gap'),
  lanes('lets labels lie over each other', 'if (label.x - half < end) continue', ''),
  run('draws a lock beyond the present', 'over === null ? Math.min(end, present) : end', 'end'),
  run('calls what has ended held', "end <= present ? 'expired' : 'held'", "'held'"),
  changes('shows what is the same', ': !field.isSame', ': true'),
  changes('says scopes of one scope', "count === 1 ? '' : 's'", "'s'"),
  makers('names who handed an id out', 'made[name] === operation', 'true'),
  makers('names who tried and did not', 'if (!worked) continue', ''),
  form(
    'leaves out what can only be true',
    "name !== 'type'",
    "name !== 'type' && properties[name]?.const === undefined",
  ),
  form('sends the text of a choice', 'choices.find((choice) => String(choice) === text) ?? text', 'text'),
  words('says always of from', "count === 1 ? 'each' : `from the ${ordinal(count)} on`", "'always'"),
  words('says always of what it does not know', '?? `${name} ${value}`', "?? 'always'"),
  words('says the 11st', "type: 'ordinal'", "type: 'cardinal'"),
  spent(
    'never calls only-the-nth spent',
    'nth === undefined ? Number.POSITIVE_INFINITY : 1',
    'Number.POSITIVE_INFINITY',
  ),
  coverage('leaves the address of the world to the reader', "line?.replace('$KOODRIVE_CONTROL_URL', world)", 'line'),
  coverage(
    'shows one operation of each group',
    'return [...alike.values()].map(',
    'return [...alike.values()].slice(0, 1).map(',
  ),
  coverage('shows kinds of which there is nothing', '.filter(({ of }) => of > 0)', ''),
  diff('takes all lines for others', 'one !== null && one === other', 'false'),
  snippets('copies headers that are made anew', '!madeAnew.test(name)', 'true'),
  snippets('does not quote quotes', "text.replaceAll(\"'\", `'\\\\''`)", 'text'),
  reach('takes any name for this machine', '127(\\.\\d+){3}', '.*'),
]

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
    'const count = exchanges.add(data.generation, data.entries)',
    'const count = 0',
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
    "[null, 'unreached']",
    "[null, 'failed']",
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
  broken('views/faults/met.tsx', '15 a fault')(
    'does not say what it would have met',
    'setWould(answer.would)',
    'setWould([])',
  ),
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
    'const call = callFor(worldAddress(name))',
    "const call = callFor(worldAddress('default'))",
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
    'exchanges.clear()\n    exchanges.dropped = 0',
    '',
  ),
  broken('parts/boundary.tsx', 'an entry that nobody foresaw')(
    'lets one row blank the page',
    'static override getDerivedStateFromError',
    'static unheard',
  ),
  broken('parts/cite.tsx', 'look: refused')('has links without a name', 'class="cite"', 'class="cite" aria-label=" "'),
  broken('style/tokens.css', 'look: refused')(
    'has text that is too pale',
    '--muted: light-dark(',
    '--muted: light-dark(#bbb, #555); --unused: light-dark(',
  ),
]
