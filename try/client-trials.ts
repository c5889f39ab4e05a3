import assert from 'node:assert/strict'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Serving } from '../test/fixtures/process.ts'
import { root, runProcess, whenListening } from '../test/fixtures/process.ts'
import { dockerEngine } from './docker-engine.ts'
import { save } from './pages.ts'
import type { Place } from './place.ts'
import { run, succeed } from './place.ts'
import type { Trial } from './verdicts.ts'
import { NotHere } from './verdicts.ts'
import { checkCompose, checkWorkflow, readWithCompose } from './yaml-pages.ts'

/** The emulator, as somebody who has the package starts it. */
export const serve = (place: Place, env: Readonly<Record<string, string>>): Promise<Serving> =>
  whenListening(
    runProcess(place.cleanup, join(place.folder, 'node_modules/.bin/koodrive-backup-emulator'), ['--port', '0'], {
      cwd: place.folder,
      env: { ...place.env, ...env },
    }),
  )

/** Ends in NotHere where the command does not even tell its version. */
async function need(place: Place, command: string): Promise<void> {
  const answer = await run(place, 'sh', ['-c', `${command} --version`])
  if (answer.code !== 0) throw new NotHere(`There is no ${command} on this machine.`)
}

/** Compiles the page's TypeScript, strictly. */
async function typecheck(place: Place): Promise<void> {
  copyFileSync(join(root, 'try/consumer/tsconfig.json'), join(place.folder, 'tsconfig.json'))
  await succeed(place, process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.', '--skipLibCheck'])
}

/** Saves a page's file and runs it as the page says. */
async function runPage(place: Place, page: string, language: string, env: Readonly<Record<string, string>> = {}) {
  const { command, ...saved } = save(place, page, language)
  return succeed(saved, 'sh', ['-c', command], { env })
}

async function testcontainers(place: Place): Promise<string> {
  const { command: _, ...saved } = save(place, 'testcontainers', 'ts')
  await typecheck(saved)
  const [, port] = /^EXPOSE (\d+)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? []
  const engine = await dockerEngine(place.cleanup, 'koodrive-backup-emulator', Number(port), (env) => serve(place, env))
  const env = { DOCKER_HOST: engine, TESTCONTAINERS_RYUK_DISABLED: 'true' }
  const { stdout } = await runPage(place, 'testcontainers', 'ts', env)
  assert.match(stdout, /pass 3\n/)
  return 'No container ran: a process took its place behind a stand-in for the Docker engine.'
}

/** One trial a page. `place` has everything installed; `emulator` serves. */
export const clientTrials = (place: Place, emulator: Serving): Trial[] => {
  const env = { KOODRIVE_URL: emulator.url }
  return [
    {
      what: 'node:test: runs',
      make: async () => {
        assert.match((await runPage(place, 'node-test', 'js')).stdout, /pass 4\n/)
        return undefined
      },
    },
    {
      what: 'vitest: type-checks and runs',
      make: async () => {
        await typecheck(save(place, 'vitest', 'ts'))
        assert.match((await runPage(place, 'vitest', 'ts')).stdout, /5 passed/)
        return undefined
      },
    },
    {
      what: 'pytest: runs',
      make: async () => {
        await need(place, 'pytest')
        assert.match((await runPage(place, 'pytest', 'python', env)).stdout, /6 passed/)
        return undefined
      },
    },
    {
      what: 'curl: runs with the real curl',
      make: async () => {
        await need(place, 'curl')
        assert.doesNotMatch((await runPage(place, 'curl', 'sh', env)).stdout, /not ok/)
        return undefined
      },
    },
    { what: 'Testcontainers: type-checks and runs', make: () => testcontainers(place) },
    {
      what: 'GitHub Actions: GitHub’s own parser takes it',
      make: async () => {
        await checkWorkflow(place)
        return 'The workflow was read, not run.'
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
