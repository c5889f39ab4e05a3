import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BuildOptions, BuildResult, OutputFile, Plugin } from 'esbuild'
import { build } from 'esbuild'
import { icons } from '../inspector/parts/icons.ts'

/*
 * Makes of `inspector/` what a browser is given. Once for all who need it: the package and the image carry what `npm run
 * build` wrote, and a checkout makes the same in memory when somebody opens the page.
 */

const root = fileURLToPath(new URL('../', import.meta.url))
const source = join(root, 'inspector')

/** Below the folder of the page. */
const assets = 'assets'

const common: BuildOptions & { write: false } = {
  bundle: true,
  write: false,
  minify: true,
  charset: 'utf8', // as it is served; escapes are longer
  format: 'esm',
  target: ['chrome123', 'firefox120', 'safari17.5'], // the oldest that know light-dark()
  outdir: join(root, assets),
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  legalComments: 'none', // all licences are in one file
  logLevel: 'silent',
}

/** Tags in their older form, which needs less; the `tsconfig.json` of the page asks for the newer one. */
const tags = {
  jsx: 'transform' as const,
  jsxFactory: 'h',
  jsxFragment: 'Fragment',
  inject: [join(source, 'jsx.ts')],
  tsconfigRaw: '{}',
} satisfies BuildOptions

/** What others made that the page brings along, with the file that says on which terms. */
const parts = {
  Preact: 'preact/LICENSE',
  'Preact Signals': '@preact/signals/LICENSE',
  'Inter, a typeface': '@fontsource-variable/inter/LICENSE',
  'JetBrains Mono, a typeface': '@fontsource/jetbrains-mono/LICENSE',
  'Lucide, symbols': 'lucide-static/LICENSE',
} as const

const installed = (path: string): Promise<string> => readFile(join(root, 'node_modules', path), 'utf8')

/**
 * Every file of the page by its path: `index.html`, and below `assets/` what it loads, under names that their content makes.
 *
 * @param plugins what is done to sources before
 */
export async function bundleInspector(plugins: readonly Plugin[] = []): Promise<ReadonlyMap<string, Uint8Array>> {
  const worker = await build({ ...common, entryPoints: [join(source, 'stream.worker.ts')] })
  const entryPoints = [join(source, 'main.tsx'), join(source, 'style/index.css'), join(source, 'favicon.svg')]
  const page = await build({
    ...common,
    ...tags,
    entryPoints,
    plugins: [...plugins, madeFiles(worker), await shortNames()],
    loader: { '.woff2': 'file', '.svg': 'copy' },
  })
  const files = page.outputFiles.map(({ path, contents }) => [`${assets}/${nameOf(path)}`, contents] as const)
  const names = page.outputFiles.map(({ path }) => nameOf(path)).toSorted()
  const template = await readFile(join(source, 'index.html'), 'utf8')
  return new Map([...files, ['index.html', new TextEncoder().encode(filled(template, names))]])
}

/** By which a page is known again. */
export const digestOf = (files: ReadonlyMap<string, Uint8Array>): string => {
  const sum = createHash('sha256')
  for (const [path, contents] of files) sum.update(`${path}\n`).update(contents)
  return sum.digest('hex')
}

/** Writes them below a folder. */
export async function writeInspector(folder: string): Promise<void> {
  for (const [path, contents] of await bundleInspector()) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), contents)
  }
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** Puts the names of assets in the place of `{name.extension}`. */
const filled = (template: string, names: readonly string[]): string =>
  template.replace(/\{([\w-]+)\.(\w+)\}/g, (_, stem: string, extension: string) => {
    const form = new RegExp(`^${stem}-[A-Z0-9]{8}\\.${extension}$`)
    return `${assets}/${names.find((name) => form.test(name))}`
  })

type Maker = () => string | Uint8Array | Promise<string>

/** Files that nobody wrote: each is imported as `made:` and its name, and the import gives its address. */
function madeFiles(worker: BuildResult<{ write: false }>): Plugin {
  const makers: Record<string, Maker> = {
    'stream.worker.js': () => firstOf(worker.outputFiles).contents,
    'sprite.svg': sprite,
    'licences.txt': licences,
  }
  return {
    name: 'made-files',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^made:/ }, ({ path }) => ({ path: path.slice('made:'.length), namespace: 'made' }))
      onLoad({ filter: /./, namespace: 'made' }, async ({ path }) => ({
        contents: await (makers[path] as Maker)(), // only these are imported
        loader: 'file',
      }))
    },
  }
}

/** Names of custom properties, which no minifier dares to touch, are used by nobody else: each becomes a letter or two. */
async function shortNames(): Promise<Plugin> {
  const folder = join(source, 'style')
  const sheets = (await readdir(folder)).toSorted().map((name) => readFile(join(folder, name), 'utf8'))
  const names = new Set((await Promise.all(sheets)).join('').match(customProperty))
  const short = new Map([...names].map((name, index) => [name, `--${(index + 10).toString(36)}`]))
  return {
    name: 'short-names',
    setup({ onLoad }) {
      onLoad({ filter: /inspector.style.[\w-]+\.css$/ }, async ({ path }) => ({
        contents: (await readFile(path, 'utf8')).replace(customProperty, (name) => short.get(name) ?? name),
        loader: 'css',
      }))
    },
  }
}

const customProperty = /--[a-z][\w-]*/g

const firstOf = ([file]: readonly OutputFile[]): OutputFile => file as OutputFile // one entry makes one file

/** All symbols in one picture, to be used by name. */
async function sprite(): Promise<string> {
  const symbols = await Promise.all(icons.map(async (name) => `<g id="${name}">${await drawingOf(name)}</g>`))
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`
}

/** What is drawn, without the frame that each of them brings, as few paths; strokes are set by who uses it. */
async function drawingOf(name: string): Promise<string> {
  const svg = await installed(`lucide-static/icons/${name}.svg`)
  const drawn = svg.slice(svg.indexOf('>', svg.indexOf('<svg')) + 1, svg.lastIndexOf('</svg>'))
  // A path begins where it says, small letter or not; only as one of several it has to say so by a capital.
  const absolute = drawn.replace(/ d="m([\d.]+) ?(-?[\d.]+) ?(?=[\d.-])/g, ' d="M$1 $2l')
  return absolute.replace(/\s*\n\s*|\s(?=\/>)/g, '').replace(/(?<=<path d="[^"]*)"\/><path d="(?=M)/g, '')
}

/** A list of symbols, of many more than the page has. */
const listed = /^[\w-]+(?:, [\w-]+){20,}$/m

/** Of a list of symbols those that the page brings along, whatever they are called there. */
async function broughtAlong(names: string): Promise<string> {
  const own = new Set(await Promise.all(icons.map(drawingOf)))
  const drawings = await Promise.all(names.split(', ').map(async (name) => [name, await drawingOf(name)] as const))
  return drawings.flatMap(([name, drawing]) => (own.has(drawing) ? name : [])).join(', ')
}

/** Each with its copyright; terms that are those of one before are not written twice. */
async function licences(): Promise<string> {
  const read = Object.entries(parts).map(async ([name, path]) => {
    const text = (await installed(path)).trim()
    const [list = ''] = listed.exec(text) ?? []
    return [name, list === '' ? text : text.replace(list, await broughtAlong(list))] as const
  })
  const known: (readonly [terms: string, name: string])[] = []
  const texts = (await Promise.all(read)).map(([name, text]) => {
    const short = known.reduce((left, [terms, of]) => left.replace(terms, `Under the terms of ${of}, above.`), text)
    for (const [, terms] of text.matchAll(/^Copyright[^\n]*\s+(.*)$/gms)) known.push([String(terms), name])
    return `${name}\n\n${short}\n`
  })
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
