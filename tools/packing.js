// What goes out with the package differs in two points from what stands here: scripts of development do not run where it
// is installed, and links of its documents lead to what it does not bring. `strip` makes it so, `restore` takes it back.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

const files = ['package.json', 'README.md', 'CHANGELOG.md']
const kept = 'dist/.originals'
const original = `${kept}/original`
const stripped = `${kept}/stripped`

/** Links to files of the repository, and its pictures, as links to where it is kept. */
function linkedTo(home, text) {
  return text
    .replace(/\]\((?![a-z]+:|#)([^)]+)\)/g, `](${home}/blob/main/$1)`)
    .replace(/(src|srcset)="(?![a-z]+:)([^"]+)"/g, `$1="${home}/raw/main/$2"`)
}

/** What each file is to say where the package is installed. */
function packed() {
  const {
    scripts: _,
    allowScripts: __,
    tap: ___,
    devDependencies: ____,
    overrides: _____,
    ...manifest
  } = JSON.parse(readFileSync('package.json', 'utf8'))
  const [home] = manifest.homepage.split('#')
  const documents = files.filter((name) => name.endsWith('.md'))
  return [
    ['package.json', `${JSON.stringify(manifest, null, 2)}\n`],
    ...documents.map((file) => [file, linkedTo(home, readFileSync(file, 'utf8'))]),
  ]
}

function strip() {
  for (const folder of [original, stripped]) mkdirSync(folder, { recursive: true })
  for (const [file, text] of packed()) {
    copyFileSync(file, `${original}/${file}`)
    writeFileSync(`${stripped}/${file}`, text)
    writeFileSync(file, text)
  }
}

/** What was changed by hand since, after a packing that was broken off, stays. */
function restore() {
  const isStripped = (file) => existsSync(`${stripped}/${file}`) && same(file, `${stripped}/${file}`)
  for (const file of files.filter(isStripped)) copyFileSync(`${original}/${file}`, file)
  rmSync(kept, { recursive: true, force: true })
}

const same = (one, other) => readFileSync(one).equals(readFileSync(other))

const [step, ...more] = process.argv.slice(2)
if (more.includes('--help') || step === '--help') {
  process.stdout.write('npm pack runs this before and after it packs.\n')
} else if (step === 'strip') strip()
else restore()
