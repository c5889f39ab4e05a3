import t from 'tap'
import { readPlan, usage } from '../torture/plan.ts'
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

t.test(
  'DEC-21: nothing acknowledged is lost, nothing unacknowledged is half done; npm run torture says so',
  onPosix(),
  async (t) => {
    const run = runProcess(t, process.execPath, ['--trace-exit', `${root}torture/index.ts`, '--short', '--seed', '1'])
    const { code } = await run.exited
    const output = run.stdout()
    if (code !== 0) t.comment(output)
    t.equal(code, 0)
    t.notMatch(run.stderr(), 'Exited the environment', 'nothing is left over')
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
    [['crash', 'nonsense'], 'there is no discipline nonsense; there are crash, soak'],
    [['--runs', 'many'], '--runs takes a number, not "many"'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ] as const)
    t.throws(() => readPlan(args, ['crash', 'soak']), { message: new RegExp(`^${sentence}`) })
  t.match(readPlan(['soak', '--minutes', '3'], ['crash', 'soak']), { names: ['soak'], minutes: 3, runs: 500 })
  t.match(usage(['crash', 'soak']), 'Without a name, all: crash, soak.')
})
