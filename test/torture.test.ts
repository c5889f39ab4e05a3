import t from 'tap'
import { onPosix, root, runProcess } from './fixtures/process.ts'

/** What the short form of every discipline must claim, in the order of its table. */
const claims = [
  'crash: the file at every statement',
  'crash: the log cut off anywhere',
  'crash: an error from every statement',
  'crash: storage that fails for a while',
  'crash: SIGKILL at random instants',
  'crash: SIGKILL while worlds are parked',
  'concurrency: linearizable',
  'hostile: requests made up from the contracts',
  'hostile: memory afterwards',
  'hostile: raw sockets',
  'explain: says what the request is answered',
  'soak: every turn is done',
  'soak: memory',
  'soak: open files',
  'soak: database file',
  'soak: log of the database',
  'soak: p99',
  'review: correct clients are not blamed',
  'journals: worlds with full ones, in 512 MB',
  'journals: the same with --journal 4M',
  'secrets: planted wherever one may stand',
  'secrets: names of the API garble nothing',
  'secrets: an Authorization of 1,500 words',
  'upgrades: rows kept, and a crash on the way',
  'uploads: a large part in little memory',
  'uploads: many parts without a stutter',
  'gauntlet: careful clients are never blamed',
  'gauntlet: every planted bug is found, and nothing else',
  'secrets: no canary in any output of this run',
]

const torture = (t: import('tap').Test, ...args: string[]) =>
  runProcess(t, process.execPath, [`${root}torture/index.ts`, ...args])

t.test(
  'DEC-21: nothing acknowledged is lost, nothing unacknowledged is half done; npm run torture says so',
  onPosix(),
  async (t) => {
    const run = torture(t, '--short', '--seed', '1')
    const { code } = await run.exited
    const output = run.stdout()
    if (code !== 0) t.comment(output)
    t.equal(code, 0)
    t.match(output, /^seed 1, short form\n/)
    const rows = output.split('\n').filter((line) => / {2}(holds|FAILS)$/.test(line))
    t.same(
      rows.map((row) => row.split(/ {2,}/)[0]),
      claims,
    )
    for (const row of rows) t.match(row, /holds$/)
  },
)

t.test('a discipline that does not exist, and an amount that is none, are wrong usage', async (t) => {
  for (const [args, sentence] of [
    [['nonsense'], 'there is no discipline nonsense'],
    [['--runs', 'many'], '--runs takes a number, not "many"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ] as const) {
    const run = torture(t, ...args)
    t.equal((await run.exited).code, 2)
    t.match(run.stderr(), sentence)
  }
})
