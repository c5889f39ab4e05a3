// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates in the code that is broken
import type { Mutant } from './mutant.ts'
import { broken } from './mutant.ts'

const address = broken('address.ts', 'an address and what it shows')
const filter = broken('model/filter.ts', 'a filter keeps what the journal keeps')
const typed = broken('model/filter.ts', 'a text that is typed')
const exchanges = broken('model/exchanges.ts', 'exchanges are kept in their order')
const moves = broken('model/exchanges.ts', 'a row says by how much the state clock was moved')
const missed = broken('model/exchanges.ts', 'what was missed is read again')
const overtaken = broken('model/latest.ts', 'an answer that was overtaken')
const items = broken('model/marks.ts', 'what says how items fail')
const kept = broken('model/kept-body.ts', 'a body that is not kept whole')
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
    'Date.parse(time) < instantIn(value)',
    'Date.parse(time) <= instantIn(value)',
  ),
  filter(
    'takes since to leave its instant out',
    'Date.parse(time) >= instantIn(value)',
    'Date.parse(time) > instantIn(value)',
  ),
  filter('decides by rows what only the journal knows', '(isDecidable(filter) || found.has(summary.id))', 'true'),
  filter('reads numbers as a browser does', '/^\\d{1,10}$/.test(value) && ', ''),
  filter('does not know fault:any', "value === 'any' ? fault !== null : fault === value", 'fault === value'),
  exchanges('takes rows of an older generation', 'this.generation !== null && generation < this.generation', 'false'),
  exchanges('keeps a row twice', '!known.has(id)', 'true'),
  exchanges('leaves rows in the order in which they came', 'isInOrder ? all', 'true ? all'),
  exchanges('shows what comes while it is paused', 'id <= end', 'true'),
  moves('tells every little move', 'Math.abs(by) < noticeable', 'false'),
  moves('does not see that a clock was put back', 'Math.abs(by) < noticeable', 'by < noticeable'),
  missed('keeps what was forgotten', 'this.clear(Math.min(known, oldest - 1 - dropped))', ''),
  missed('forgets what was given up', 'oldest - 1 - dropped', 'oldest - 1'),
  overtaken('takes answers as they come', 'return number === answered', 'return true'),
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
  items('says of all operations what one does', "id === 'DEC-19' || id === 'DEC-20'", "id.startsWith('DEC-')"),
  marks('marks the item after the one that failed', '`/${list}/${index}`', '`/${list}/${index + 1}`'),
  marks('marks what was accepted as refused', "outcome === 'refused' && reason !== null", 'reason !== null'),
  reason('leaves citations in the sentence', "reason.replace(citation, '')", 'reason'),
  reason('does not undo escapes of pointers', "step.replaceAll('~1', '/').replaceAll('~0', '~')", 'step'),
  wording('rounds a countdown down', 'Math.ceil(millis)', 'Math.floor(millis / 10) * 10'),
  wording('says sixty seconds', 'Math.round(Math.abs(millis) / second) * second', 'Math.abs(millis)'),
  wording('says minutes for hours', "[hour, 'h']", "[hour, 'min']"),
  clocks('lets a frozen clock run', '!frozen ||', 'true ||'),
  clocks(
    'stops the signing clock with the state clock, whatever it follows',
    "(which === 'signing' && signing === 'wall')",
    'false',
  ),
  clocks('goes back behind what was read', 'Math.max(0, at - readAt)', 'at - readAt'),
  stream('loses what a piece ends in', 'end < 0 ? all : all.slice(end + 2)', "''"),
  stream('stops at a line separator', '(.*)$/s', '(.*)$/'),
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
  makers('names the newest of several', 'by <= putBackAfter && makers.has(id) ? undefined : by', 'by'),
  makers('names who tried and did not', 'exchanges.filter(({ worked }) => worked)', 'exchanges'),
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
  kept('takes for a beginning what only looks like one', 'text === (beginning ?? base64)', 'true'),
  snippets('lets fetch say what type a body has', "has(sent, 'content-type') ? text", 'true ? text'),
  reach('takes any name for this machine', '127(\\.\\d+){3}', '.*'),
]
