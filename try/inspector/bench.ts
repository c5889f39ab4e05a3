import assert from 'node:assert/strict'
import type { Static } from '@sinclair/typebox'
import type { BrowserContext, Page, Request } from 'playwright-core'
import type { ExchangeDocument, Summary } from '../../schemas/journal.ts'
import type { Emulator } from '../../src/index.ts'
import { complaintsOf } from '../browser.ts'
import type { Client } from './scenario.ts'
import { world } from './scenario.ts'

type ExchangeView = Static<typeof ExchangeDocument>

/** What a story is told with: an emulator, the client's night in it, and pages of one browser. */
export interface Bench {
  readonly context: BrowserContext
  readonly emulator: Emulator
  readonly client: Client
  /** Everything that a page did and must not have done. */
  readonly complaints: string[]
  /** A page at a query of the inspector's address, ready. */
  open(query?: string): Promise<Page>
  /** Lets its pages read what they copied. */
  mayCopy(): Promise<void>
  /** What the control plane answers, below `/_emulator/`. */
  ask<Answer>(path: string, method?: string, body?: unknown): Promise<Answer>
  summaries(query?: string): Promise<Summary[]>
  exchange(id: number): Promise<ExchangeView>
}

/** No story depends on how fast the machine is: this is for what never comes. In milliseconds. */
export const limits = { patience: 60_000 }

/** Waits until a page says so of its connection. */
export const liveIn = (page: Page, words: string): Promise<void> => page.locator('.live', { hasText: words }).waitFor()

export function benchFor(context: BrowserContext, emulator: Emulator, client: Client): Bench {
  const complaints: string[] = []
  const ask: Bench['ask'] = async (path, method = 'GET', body = undefined) => {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }
    const response = await fetch(`${emulator.url}/_emulator/${path}`, { method, ...content })
    assert.ok(response.ok, `${method} ${path}: ${response.status}`)
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  }
  return {
    context,
    emulator,
    client,
    complaints,
    ask,
    mayCopy: () => context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: emulator.url }),
    async open(query = '') {
      const page = await context.newPage()
      page.setDefaultTimeout(limits.patience)
      await noteViolations(page)
      noteRequests(page)
      const own = complaintsOf(page, emulator.url)
      page.on('close', () => complaints.push(...own))
      await page.goto(`${emulator.url}/_emulator/?world=${world}&${query}`)
      await page.locator('.live', { hasText: 'Live' }).waitFor()
      return page
    },
    summaries: async (query = '') =>
      (await ask<{ requests: Summary[] }>(`worlds/${world}/requests?view=summary&${query}`)).requests,
    exchange: (id) => ask(`worlds/${world}/requests/${id}`),
  }
}

/** What the policy of the page forbids becomes a line of the console. */
const noteViolations = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      console.error(`policy: ${violatedDirective} ${blockedURI}`),
    )
  })

/** What each page asked the control plane and was not answered yet. */
const asked = new WeakMap<Page, Set<Request>>()

function noteRequests(page: Page): void {
  const open = new Set<Request>()
  const end = (request: Request) => open.delete(request)
  asked.set(page, open)
  page.on('request', (request) => request.resourceType() === 'fetch' && open.add(request))
  page.on('requestfinished', end).on('requestfailed', end)
}

/** Waits until all that a page asked for is there and drawn, and nothing moves any more. */
export async function settled(page: Page): Promise<void> {
  do {
    await page.evaluate(async () => {
      await document.fonts.ready
      for (const _ of [1, 2]) await new Promise((resolve) => requestAnimationFrame(resolve))
      await Promise.allSettled(document.getAnimations().map(({ finished }) => finished))
    })
  } while (asked.get(page)?.size)
}

/** Ids of the rows that the list shows; of a list that fits into the window. */
export const shownIds = (page: Page): Promise<number[]> =>
  page
    .locator('.exchange-row')
    .evaluateAll((rows) => rows.map((row) => Number(row.id.slice('row-'.length))).sort((a, b) => a - b))

/** Goes to an address as Back and Forward do, without loading the page again. */
export const goTo = (page: Page, query: string): Promise<void> =>
  page.evaluate((to) => {
    history.pushState(null, '', to)
    dispatchEvent(new PopStateEvent('popstate'))
  }, query)

/** Waits until something holds, and says what it was otherwise. */
export async function eventually<Value>(read: () => Promise<Value>, expected: Value, what: string): Promise<void> {
  let seen: Value = await read()
  for (const end = Date.now() + limits.patience; Date.now() < end && !isSame(seen, expected); seen = await read()) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.deepEqual(seen, expected, what)
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

export const textOf = async (page: Page, selector: string): Promise<string> =>
  ((await page.locator(selector).first().textContent()) ?? '').replace(/\s+/g, ' ').trim()

/** All that a stream brings, as text. */
export async function textFrom(stream: AsyncIterable<unknown>): Promise<string> {
  let text = ''
  for await (const piece of stream) text += String(piece)
  return text
}
