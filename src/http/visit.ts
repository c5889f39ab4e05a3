import type { IncomingHttpHeaders } from 'node:http'
import { controlPath } from '../../schemas/control.ts'

/** Addresses that people type or click, each with the way from there to the page that says more. */
const doors: ReadonlyMap<string, string> = new Map([
  ['/', `.${controlPath}/`],
  ['/docs', `.${controlPath}/docs`],
  [controlPath, `.${controlPath}/`],
])

/** What a browser that is to show one of these addresses is sent on to, relative to it; `undefined` for all else. */
export function wayFrom(path: string, method: string, { accept = '' }: IncomingHttpHeaders): string | undefined {
  const way = doors.get(path)
  return way !== undefined && /^(GET|HEAD)$/.test(method) && /\btext\/html\b/i.test(accept) ? way : undefined
}
