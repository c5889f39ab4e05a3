import t from 'tap'
import { sumOf } from '../../cli/coverage-file.ts'
import { gauntletHtml } from '../../gauntlet/html.ts'
import { gauntletJunit } from '../../gauntlet/junit.ts'
import { gauntletMarkdown } from '../../gauntlet/markdown.ts'
import type { GauntletReport, GroupReport, TrialReport } from '../../gauntlet/report-forms.ts'
import { gauntletText } from '../../gauntlet/text.ts'

const trial = (change: Partial<TrialReport>): TrialReport => ({
  id: 'bindDevice#1:reset',
  class: 'transient',
  operation: 'bindDevice',
  what: 'reset',
  says: 'it broke',
  verdict: 'survived',
  isAccepted: false,
  before: null,
  why: [],
  status: 0,
  millis: 5,
  calls: 3,
  met: 1,
  remarks: [],
  difference: null,
  archives: [],
  output: '',
  ...change,
})
const group = (change: Partial<GroupReport>): GroupReport => ({
  verdict: 'LIED',
  isAccepted: false,
  ids: ['a#1:reset'],
  says: 'it *broke*',
  why: ['one'],
  calls: ['   1  call'],
  lastLines: [],
  archives: [],
  regression: [],
  restsOn: { documented: [], assumed: ['DEC-1'] },
  ...change,
})
const report = (change: Partial<GauntletReport> = {}): GauntletReport => ({
  version: '0',
  command: ['a', '<b>'],
  startedAt: '2026-01-01T00:00:00.000Z',
  durationMillis: 1000,
  kind: { calls: 3, millis: 10, masks: ['record properties at'], operations: {} },
  planned: 2,
  isComplete: true,
  trials: [trial({}), trial({ id: 'all:fields', operation: null, what: 'fields', verdict: 'not met' })],
  groups: [],
  gone: [],
  coverage: sumOf([]),
  dropped: 0,
  ...change,
})

t.test('text: what was tried, what was not compared, what went otherwise, and each reason', async (t) => {
  t.equal(
    gauntletText(report(), false),
    '3 calls without mishap, 2 adversities: 1 survived, 1 not met\nnot compared, because it differs by itself: record properties at\n',
  )
  const ids = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `${name}#1:reset`)
  const many = group({
    ids,
    isAccepted: true,
    why: ['1', '2', '3', '4', '5', '6'],
    lastLines: ['bye'],
    archives: ['kept/a.default.kwa'],
    regression: ['x', 'y'],
    restsOn: { documented: ['COM-1'], assumed: [] },
  })
  const kind = { calls: 1, millis: 1, masks: [], operations: {} }
  const text = gauntletText(
    report({
      kind,
      planned: 9,
      dropped: 4,
      trials: [trial({ before: 'LIED' })],
      groups: [many, group({ restsOn: { documented: ['COM-1'], assumed: ['DEC-1'] } }), group({})],
      gone: [{ id: 'z', verdict: 'LIED', because: '' }],
    }),
    true,
  )
  t.match(
    text,
    /^1 call without mishap, 1 adversity of 9: 1 survived\n1 run went otherwise when tried again, and count as they went then\n4 requests were not reviewed/,
  )
  t.match(
    text,
    /\n10 runs went wrong for 3 reasons\n\nLIED in 8 runs \(accepted\): it \*broke\*\n {2}1\n.* {2}5\n {2}and 1 more\n/s,
  )
  t.match(
    text,
    / {2}\| bye\n\n {2}see it again {3}gauntlet --only 'a#1:reset' -- COMMAND\n {2}stand there {4}koodrive-backup-emulator --open 'kept\/a\.default\.kwa'\n {2}in a test {6}x\n {17}y\n {2}and at {9}b#1:reset, .*g#1:reset and 1 more\n {2}rests on {7}COM-1\n/,
  )
  t.match(text, /rests on {7}COM-1; assumed: DEC-1\n/)
  t.match(text, /rests on {7}assumptions of the emulator alone: DEC-1\n/)
  t.match(text, /\nAccepted, and did not happen any more\n {2}LIED z\n\noperations that succeeded/)
})

t.test('text: what a terminal would act upon is shown, and names are words for a shell', async (t) => {
  const odd = group({
    ids: ["createBackupFile(it's.txt):reset"],
    why: ['gone\u001b[2J'],
    lastLines: ['10 %\r20 %', '\tat X\r', '\u001b[31mred'],
    archives: ["it's/default.kwa"],
  })
  const text = gauntletText(report({ groups: [odd] }), false)
  t.match(text, '  gone\\u001b[2J\n')
  t.match(text, '  | 10 %\\r20 %\n  |     at X\n  | \\u001b[31mred\n')
  t.match(text, `gauntlet --only 'createBackupFile(it'\\''s.txt):reset' -- COMMAND`)
  t.match(text, `--open 'it'\\''s/default.kwa'`)
  const markdown = gauntletMarkdown(report({ groups: [odd] }))
  t.match(markdown, `--only 'createBackupFile(it'\\''s.txt):reset' -- …`)
  t.match(markdown, `--open 'it'\\''s/default.kwa'`)
})

t.test('Markdown, HTML and JUnit: nothing of the client is taken for markup', async (t) => {
  t.match(
    gauntletMarkdown(report()),
    /^## The client outlived the gauntlet\n.*\| bindDevice \| reset · \|\n\| the whole run \| fields {3}\|/s,
  )
  const wrong = report({ groups: [group({ isAccepted: true, why: ['~~~'], lastLines: ['bye'] }), group({})] })
  t.match(gauntletMarkdown(wrong), /### LIED in 1 run \(accepted\): it \\\*broke\\\*\n\n~~~text\n~ ~ ~\n/)
  t.match(gauntletHtml(wrong), /<title>gauntlet a &lt;b&gt;<\/title>.*<td>not met/s)
  const cases = gauntletJunit(
    report({
      trials: [
        ...report().trials,
        trial({ verdict: 'LIED', isAccepted: true }),
        trial({ verdict: 'LIED', why: ['<x>'], output: 'o' }),
      ],
    }),
  )
  t.match(cases, /tests="4" failures="1" errors="0" skipped="2"/)
  t.match(cases, /classname="gauntlet.all" name="all:fields"><skipped message="it never came up">/)
  t.match(cases, /<skipped message="accepted: LIED">/)
  t.match(cases, /<failure message="it broke" type="LIED">&lt;x&gt;<\/failure><system-out>o</)
})
