import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Serving } from '../test/fixtures/process.ts'
import { root } from '../test/fixtures/process.ts'
import { codesOf } from './pages.ts'
import type { Place } from './place.ts'
import { succeed } from './place.ts'
import { NotHere } from './verdicts.ts'

/** Where Debian keeps what its packages bring for the JVM. */
const library = '/usr/share/java'

/** A class path of these archives, which come with the packages. */
function archives(names: readonly string[], packages: string): string {
  const paths = names.map((name) => join(library, `${name}.jar`))
  const missing = paths.find((path) => !existsSync(path))
  if (missing !== undefined) throw new NotHere(`There is no ${missing}: install Debian’s ${packages}.`)
  return paths.join(delimiter)
}

const standIns = (folder: string, kind: string): string[] =>
  readdirSync(join(root, 'try/jvm', folder))
    .filter((name) => name.endsWith(kind))
    .map((name) => join(root, 'try/jvm', folder, name))

function folderFor(place: Place, name: string): Place {
  const folder = join(place.folder, name)
  mkdirSync(folder, { recursive: true })
  return { ...place, folder }
}

/** The page for Android, on the JVM: its tests run, its interface for Retrofit is compiled. */
export async function android(place: Place, { url }: Serving): Promise<string> {
  const wanted = ['okhttp', 'okio', 'junit4', 'hamcrest', 'kotlin-stdlib']
  const classes = archives(wanted, 'libokhttp-java, junit4, kotlin and default-jdk-headless')
  const own = folderFor(place, 'android')
  const [tests, retrofit = ''] = codesOf('android-kotlin', 'kotlin')
  // Debian's OkHttp has no companions to import these names from; try/jvm/OkHttp4.kt has them instead.
  writeFileSync(join(own.folder, 'BackupTest.kt'), tests.replace(/^import okhttp3\.\w+\.Companion\..*\n/gm, ''))
  writeFileSync(join(own.folder, 'BackupApi.kt'), retrofit)
  const sources = [...standIns('', '.kt'), 'BackupTest.kt', 'BackupApi.kt']
  await succeed(own, 'kotlinc', [...sources, '-cp', classes, '-d', 'classes'])
  const run = ['-cp', `classes${delimiter}${classes}`, 'org.junit.runner.JUnitCore', 'BackupTest']
  assert.match((await succeed(own, 'java', run, { env: { KOODRIVE_URL: url } })).stdout, /OK \(5 tests\)/)
  return 'With Debian’s OkHttp 3.13 and the names of OkHttp 4 added to it; on the JVM, not on Android. Retrofit’s interface was compiled only.'
}

const jupiter = [
  ...['console', 'launcher', 'engine', 'commons', 'reporting'].map((name) => `junit-platform-${name}`),
  ...['junit-jupiter-api', 'junit-jupiter-engine', 'opentest4j', 'apiguardian-api', 'picocli'],
  ...['opentest4j-reporting-events', 'opentest4j-reporting-schema'],
]

/** The page for JUnit, with a stand-in for Testcontainers. */
export async function junit(place: Place, { url }: Serving): Promise<string> {
  const classes = archives(jupiter, 'junit5 and default-jdk-headless')
  const own = folderFor(place, 'junit')
  writeFileSync(join(own.folder, 'BackupTest.java'), codesOf('junit-testcontainers', 'java')[0])
  await succeed(own, 'javac', [
    '-cp',
    classes,
    '-d',
    'classes',
    'BackupTest.java',
    ...standIns('testcontainers', '.java'),
  ])
  const launcher = ['org.junit.platform.console.ConsoleLauncher', '-c', 'BackupTest', '--disable-banner']
  const run = ['-cp', `classes${delimiter}${classes}`, ...launcher]
  const { stdout } = await succeed(own, 'java', run, { env: { KOODRIVE_URL: url } })
  assert.match(stdout, /3 tests successful/)
  return 'Testcontainers was not there: a stand-in named the emulator that ran already.'
}
