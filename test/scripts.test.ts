import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import t from 'tap'
import { parentEnded } from '../src/process/parent.ts'
import { wait } from '../src/process/real-time.ts'
import { standIns } from './fixtures/documents.ts'
import { onPosix, root, runProcess, whenListening } from './fixtures/process.ts'
import { untilRefused } from './fixtures/wire.ts'

const shell: { commandsOf(script: string): string[][] } = createRequire(import.meta.url)(
  './fixtures/commands/shell.cjs',
)
const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

t.jobs = 4

t.test(
  'no script needs a POSIX shell: programs that are everywhere, their arguments and && are all there is',
  async (t) => {
    for (const [name, script] of Object.entries(scripts)) t.doesNotThrow(() => shell.commandsOf(script), name)
    for (const script of [
      'exec node a.js',
      'rm -rf dist',
      '! test -x a',
      'node a.js || node b.js',
      'node a.js & node b.js',
      'node a.js; node b.js',
      'node a.js > b',
      'A=1 node a.js',
      'node $A',
      "node 'a b'",
      'node *.js',
      'node ~/a.js',
    ]) {
      t.throws(() => shell.commandsOf(script), /is not recognized/, script)
    }
  },
)

for (const [name, script] of Object.entries(scripts)) {
  t.test(`npm run ${name} -- --help says in a few lines what it does, and does nothing`, async (t) => {
    const [program = '', ...args] = shell.commandsOf(script).at(-1) ?? []
    const run = runProcess(t, program, [...args, '--help'])
    t.match(await run.exited, { code: 0 }, run.stderr())
    const lines = run.stdout().trim().split('\n')
    t.ok(lines.join('').length > 20 && lines.length <= (name === 'start' ? 90 : 8), run.stdout())
    t.ok(lines.every((line) => line.length <= 120))
  })
}

t.test('a command that takes no arguments refuses one, before it does anything', async (t) => {
  const run = runProcess(t, process.execPath, ['tools/build.ts', 'now'])
  t.match(await run.exited, { code: 2 })
  t.match(run.stderr(), /^now is one argument too many\.\nnpm run build\n/)
})

t.test(
  'npm ci and npm start do with such a shell, and SIGTERM to npm ends the emulator in good order',
  onPosix(),
  async (t) => {
    const env = { npm_config_script_shell: join(standIns(t), 'shell') }
    const prepared = runProcess(t, 'npm', ['run', 'prepare'], { env })
    t.match(await prepared.exited, { code: 0 }, prepared.stderr())
    for (const setting of [{ env }, {}]) {
      const run = await whenListening(runProcess(t, 'npm', ['start', '--', '--port', '0', '--db', ':memory:'], setting))
      run.child.kill('SIGTERM')
      await run.exited // nobody writes to its output any more
      t.match(
        run
          .lines()
          .slice(-2)
          .map(({ msg }) => msg),
        [/^(npm has ended|SIGTERM received), stopping$/, 'stopped'],
      )
      await untilRefused(run.port)
    }
  },
)

t.test(
  'under an npm script of its own the emulator ends with the shell that npm put between, and under no other',
  onPosix(),
  async (t) => {
    const serve = 'node src/main.js --port 0 --db :memory:; exit'
    const start = (script: string) =>
      whenListening(
        runProcess(t, 'sh', ['-c', serve], {
          counted: script !== '',
          env: { npm_lifecycle_event: 'start', npm_lifecycle_script: script },
        }),
      )
    const own = await start('node src/main.js --port 0 --db :memory:')
    t.strictSame(await own.stop('SIGKILL'), { code: null, signal: 'SIGKILL' }, 'the shell')
    t.match(own.lines().at(-2), { msg: 'npm has ended, stopping' })
    await untilRefused(own.port)
  },
)

t.test('the end of a parent is seen on every system', async (t) => {
  const ended = runProcess(t, process.execPath, ['--version'])
  await ended.exited
  const pid = Number(ended.child.pid)
  await parentEnded(pid, 'win32')
  await parentEnded(pid, 'linux')
  for (const platform of ['win32', 'linux'] as const) {
    const first = await Promise.race([
      parentEnded(process.ppid, platform).then(() => 'ended'),
      wait(120).then(() => 'lives'),
    ])
    t.equal(first, 'lives', platform)
  }
})
