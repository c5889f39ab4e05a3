import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { gauntletExits } from '../../gauntlet/exits.ts'
import type { AttemptPlace } from '../../gauntlet/index.ts'
import { gauntlet } from '../../gauntlet/index.ts'
import { gauntletFlags, readGauntletOptions } from '../../gauntlet/options.ts'
import { gauntletText } from '../../gauntlet/text.ts'
import { verdicts } from '../../gauntlet/verdict.ts'
import { settingFlags } from '../../src/settings/setting-flags.ts'
import { pageAt, savedFiles, tableOf, textsOf } from '../fixtures/documents.ts'

const page = pageAt('docs/guides/gauntlet.md')

t.test('the page: its client goes wrong for four reasons, told as it shows', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'koodrive-gauntlet-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const [file] = savedFiles(page)
  const path = join(folder, file?.name ?? '')
  writeFileSync(path, file?.code ?? '')
  const { backup } = await import(pathToFileURL(path).href)
  const work = (place: AttemptPlace): Promise<void> =>
    backup(place).catch((error: Error) => {
      throw new Error(`backup failed: ${error.message}`)
    })
  const report = await gauntlet(work, { jobs: 2, patience: 300 }) // however busy the machine is
  const [shown = ''] = textsOf(page.text, 'text')
  t.equal(gauntletText({ ...report, command: ['node', 'backup.mjs'] }, false).trimEnd(), shown.trimEnd())
})

t.test('the page names every verdict, every exit status and no flag that there is not', async (t) => {
  t.same(
    tableOf(page, 'verdict', 'it means', 'it fails').map(([name = '', , fails]) => [
      name.replaceAll('`', ''),
      fails === 'yes',
    ]),
    Object.entries(verdicts).map(([name, { fails }]) => [name, fails]),
  )
  t.same(
    tableOf(page, 'status', 'meaning').map(([status]) => status),
    Object.values(gauntletExits).map(({ status }) => `${status}`),
  )
  const flags = [...page.text.matchAll(/`--([a-z-]+)/g)].map(([, flag = '']) => flag)
  for (const flag of flags) t.ok(Object.hasOwn({ ...settingFlags, ...gauntletFlags }, flag), flag)
})

t.test('the workflow on the page has a command line that is taken', async (t) => {
  const { steps } = parse(textsOf(page.text, 'yaml').join()).jobs.gauntlet
  const [line = ''] = steps.flatMap(({ run = '' }: { run?: string }) => (run.includes('gauntlet -') ? [run] : []))
  const args = line.split(' ').slice(line.split(' ').indexOf('gauntlet') + 1)
  t.match(readGauntletOptions(args, {}), {
    outputs: { markdown: 'gauntlet.md', junit: 'gauntlet.xml' },
    command: ['node', 'backup.mjs'],
  })
})
