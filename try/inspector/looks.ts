import assert from 'node:assert/strict'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Bench } from './bench.ts'
import { settled } from './bench.ts'
import { token } from './scenario.ts'
import type { Story } from './story.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Every screen that there is, by what its address says beside the world. */
export const screens: Readonly<Record<string, string>> = {
  requests: '',
  filtered: 'outcome=refused',
  nothing: 'code=1',
  refused: 'request=11',
  lost: 'request=6',
  partial: 'request=8',
  answer: 'request=18&tab=answer',
  headers: 'request=11&tab=headers',
  changes: 'request=8&tab=changes',
  findings: 'request=5&tab=review',
  replay: 'request=11&tab=replay',
  compare: 'request=8&tab=compare&other=7',
  forgotten: 'request=999999',
  timeline: 'view=timeline',
  state: 'view=state&user=1001&from=request:8',
  review: 'view=review',
  coverage: 'view=coverage',
  faults: 'view=faults',
  clocks: 'view=clocks',
  snapshots: 'view=snapshots',
  explain: 'view=explain&request=11',
  tokens: 'view=tokens',
  worlds: 'view=worlds',
  empty: 'world=nobody-called',
}

/** In CSS pixels; a window of 1440 × 900 in which everything is twice as large has half as many (WCAG 1.4.4). */
const heights = { 1440: 900, 1024: 900, 720: 450, 320: 800 } as const
const widths = Object.keys(heights).map(Number).toReversed() as readonly (keyof typeof heights)[]
const themes = ['light', 'dark'] as const

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

interface Axe {
  run(options: object): Promise<{ violations: Violation[] }>
  getRules(tags: readonly string[]): { readonly ruleId: string; readonly tags: readonly string[] }[]
}

const levels = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** What axe finds on what is shown. @param tag only rules that have it as well */
async function violationsOn(page: Page, tag: string): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in globalThis))) await page.evaluate(axe)
  const violations = await page.evaluate(
    async ([levels, tag]) => {
      const { axe } = globalThis as unknown as { axe: Axe } // which was just put there
      const rules = axe.getRules(levels).filter(({ tags }) => tag === '' || tags.includes(tag))
      const runOnly = { type: 'rule', values: rules.map(({ ruleId }) => ruleId) }
      return (await axe.run({ runOnly, resultTypes: ['violations'] })).violations
    },
    [levels, tag] as const,
  )
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 160)} (${failureSummary?.split('\n')[1]?.trim()})`)
        .join(' | ')}`,
  )
}

/** Whether the page is wider than its window, which nobody should have to scroll (WCAG 1.4.10). */
const isTooWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)

async function lookAt({ open }: Bench, name: string, query: string, pictures: string | undefined): Promise<string[]> {
  const page = await open(`${query}&theme=light`)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  const found: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: heights[width] })
    for (const theme of themes) {
      await page.evaluate((value) => {
        document.documentElement.dataset['theme'] = value
      }, theme)
      await settled(page)
      const where = `${name} ${theme} ${width}`
      // Themes are colours alone: what else is wrong in one, is wrong in the other.
      found.push(...(await wrongWith(page, theme === 'light' ? '' : 'cat.color')).map((one) => `${where}: ${one}`))
      if (pictures) await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`) })
    }
  }
  await page.close()
  return found
}

/** What axe finds, whether it is too wide, and the token of the client's calls, which nobody may find on any screen. */
export async function wrongWith(page: Page, tag = ''): Promise<string[]> {
  const isTold = (await page.content()).includes(token)
  return [
    ...(await violationsOn(page, tag)),
    ...((await isTooWide(page)) ? ['wider than its window'] : []),
    ...(isTold ? ['shows a token'] : []),
  ]
}

/** Each screen in both themes and all widths: axe finds nothing, nothing is too wide; pictures, where somebody wants them. */
export function looks(pictures: string | undefined): Story[] {
  if (pictures) mkdirSync(pictures, { recursive: true })
  return Object.entries(screens).map(([name, query]) => ({
    title: `look: ${name}, light and dark, ${widths.join(', ')} wide`,
    async run(bench) {
      assert.deepEqual(await lookAt(bench, name, query, pictures), [])
    },
  }))
}
