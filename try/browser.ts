import { existsSync } from 'node:fs'
import type { Page } from 'playwright-core'

const named = process.env['CHROMIUM']
const usual = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Debian's `chromium` or its like, or the one that `CHROMIUM` names. */
export const browserPath = (named ? [named] : usual).find((path) => existsSync(path))

export const withoutBrowser = `There is no Chromium at ${(named ? [named] : usual).join(', ')}; install one, or name it in the environment variable CHROMIUM.\n`

/** Keeps a browser from doing anything but what it is told. */
export const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What a page does that it must not do, from now on: asks elsewhere, or complains. */
export function complaintsOf(page: Page, home: string): string[] {
  const complaints: string[] = []
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(`${home}/`) && !/^(data|blob):/.test(url)) complaints.push(`asked elsewhere: ${url}`)
  })
  page.on('console', (message) => {
    // What the emulator refuses, a page is told; that the browser says so, too, is no complaint.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(`console: ${message.text()}`)
    }
  })
  page.on('response', (response) => {
    const isFile = /\/(assets|docs)\//.test(response.url())
    if (response.status() >= (isFile ? 400 : 500)) complaints.push(`${response.status()}: ${response.url()}`)
  })
  page.on('pageerror', (error) => complaints.push(`script: ${error.message}`))
  return complaints
}
