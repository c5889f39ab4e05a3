import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Serving } from '../test/fixtures/process.ts'
import { root, runProcess, whenListening } from '../test/fixtures/process.ts'
import { dockerEngine } from './docker-engine.ts'
import { android, junit } from './jvm-trials.ts'
import { codesOf, save, withoutExec } from './pages.ts'
import type { Place } from './place.ts'
import { need, run, succeed } from './place.ts'
import type { Trial } from './verdicts.ts'
import { checkCompose, checkGitLabJob, checkWorkflows, lintWorkflows, readWithCompose } from './yaml-pages.ts'

/** The emulator, as somebody who has the package starts it. */
export const serve = (place: Place, env: Readonly<Record<string, string>>): Promise<Serving> =>
  whenListening(
    runProcess(place.cleanup, join(place.folder, 'node_modules/.bin/koodrive-backup-emulator'), ['--port', '0'], {
      cwd: place.folder,
      env: { ...place.env, ...env },
    }),
  )

/** Compiles the page's TypeScript, strictly. */
async function typecheck(place: Place): Promise<void> {
  copyFileSync(join(root, 'try/consumer/tsconfig.json'), join(place.folder, 'tsconfig.json'))
  await succeed(place, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--skipLibCheck'])
}

/** Saves a page's files and runs them as the page says. */
async function runPage(place: Place, page: string, env: Readonly<Record<string, string>> = {}) {
  const { command, ...saved } = save(place, page)
  return succeed(saved, 'sh', ['-c', command], { env })
}

/** A folder with a `docker` whose only container is an emulator that runs already. */
function dockerStandIn(place: Place, { port }: Serving): string {
  const folder = join(place.folder, 'docker-stand-in')
  mkdirSync(folder, { recursive: true })
  const answers = `run) echo c0ffee ;; port) echo 127.0.0.1:${port} ;; stop) echo c0ffee ;; *) exit 1 ;;`
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\ncase $1 in ${answers} esac\n`, { mode: 0o755 })
  return folder
}

/** The page as it says, without an address, and where no emulator answers at the address. */
async function pytest(place: Place, emulator: Serving): Promise<string> {
  await need(place, 'pytest')
  assert.match((await runPage(place, 'pytest')).stdout, /6 passed/)
  const { command: beside, ...saved } = save(place, 'pytest')
  const command = withoutExec(beside)
  const env = { PATH: `${dockerStandIn(place, emulator)}${delimiter}${place.env['PATH']}` }
  assert.match((await succeed(saved, 'sh', ['-c', command], { env })).stdout, /6 passed/)
  const absent = await run(saved, 'sh', ['-c', command], { env: { KOODRIVE_URL: 'http://127.0.0.1:1' } })
  assert.equal(absent.code, 3)
  assert.match(absent.stdout, /No emulator answers at http:\/\/127\.0\.0\.1:1, which KOODRIVE_URL names\./)
  return 'No container ran: a stand-in for the command docker named the emulator that ran already.'
}

/** The part of the page for Testcontainers that is in Python, on top of the page for pytest. */
async function testcontainersInPython(place: Place, { url }: Serving): Promise<string> {
  await need(place, 'pytest')
  const { command: beside, ...saved } = save({ ...place, folder: join(place.folder, 'python') }, 'pytest')
  const [fixture] = codesOf('testcontainers', 'python')
  appendFileSync(join(saved.folder, 'conftest.py'), fixture)
  const env = { PYTHONPATH: join(root, 'try/python'), EMULATOR: url }
  assert.match((await succeed(saved, 'sh', ['-c', withoutExec(beside)], { env })).stdout, /6 passed/)
  return 'The package testcontainers was not there: a stand-in named the emulator that ran already.'
}

async function testcontainers(place: Place): Promise<string> {
  const { command: _, ...saved } = save(place, 'testcontainers')
  await typecheck(saved)
  const [, port] = /^EXPOSE (\d+)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? []
  const engine = await dockerEngine(place.cleanup, 'koodrive-backup-emulator', Number(port), (env) => serve(place, env))
  const env = { DOCKER_HOST: engine, TESTCONTAINERS_RYUK_DISABLED: 'true' }
  const { stdout } = await runPage(place, 'testcontainers', env)
  assert.match(stdout, /pass 3\n/)
  return 'No container ran: a process took its place behind a stand-in for the Docker engine.'
}

/** One trial a page. `place` has everything installed; `emulator` serves. */
export const clientTrials = (place: Place, emulator: Serving): Trial[] => {
  return [
    {
      what: 'node:test: runs',
      make: async () => {
        assert.match((await runPage(place, 'node-test')).stdout, /pass 4\n/)
        return undefined
      },
    },
    {
      what: 'vitest: type-checks and runs',
      make: async () => {
        await typecheck(save(place, 'vitest'))
        assert.match((await runPage(place, 'vitest')).stdout, /5 passed/)
        return undefined
      },
    },
    {
      what: 'jest: runs',
      make: async () => {
        const { command, ...saved } = save(place, 'jest')
        writeFileSync(join(saved.folder, 'package.json'), '{"type":"module"}')
        symlinkSync(join(place.folder, 'node_modules'), join(saved.folder, 'node_modules'))
        assert.match((await succeed(saved, 'sh', ['-c', command])).stderr, /Tests: +4 passed/)
        return undefined
      },
    },
    { what: 'pytest: runs', make: () => pytest(place, emulator) },
    {
      what: 'curl: runs with the real curl',
      make: async () => {
        await need(place, 'curl')
        assert.doesNotMatch((await runPage(place, 'curl')).stdout, /not ok/)
        return undefined
      },
    },
    { what: 'Testcontainers: type-checks and runs', make: () => testcontainers(place) },
    { what: 'Testcontainers in Python: runs', make: () => testcontainersInPython(place, emulator) },
    { what: 'Android (Kotlin): compiles and runs with OkHttp', make: () => android(place, emulator) },
    { what: 'JUnit (Java): compiles and runs', make: () => junit(place, emulator) },
    {
      what: 'GitHub Actions: GitHub’s own parser takes it, and our own workflows',
      make: async () => {
        await checkWorkflows(place)
        return 'Workflows were read, not run.'
      },
    },
    { what: 'GitHub Actions: actionlint has no remark', make: () => lintWorkflows(place) },
    {
      what: 'GitLab CI: gitlab-ci-local takes it',
      make: async () => {
        await need(place, 'git')
        await checkGitLabJob(place)
        return 'The job was read, not run.'
      },
    },
    {
      what: 'Compose: the specification’s schema takes it',
      make: async () => {
        await checkCompose(place)
        const gap = await readWithCompose(place)
        return `The file was read, not run${gap ? `; ${gap}` : ''}.`
      },
    },
  ]
}
