import { visibleXml } from './visible.ts'

/** What a report for pipelines says of the run as a whole. */
export interface JunitRun {
  readonly name: string
  readonly startedAt: string
  readonly durationMillis: number
}

/** A report as pipelines read it, of cases made with `testCase`. */
export function junitDocument({ name, startedAt, durationMillis }: JunitRun, cases: readonly string[]): string {
  const count = (form: string) => `${cases.filter((one) => one.includes(`<${form} `)).length}`
  const attributes = {
    name,
    tests: `${cases.length}`,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: `${durationMillis / 1000}`,
    timestamp: startedAt,
  }
  const suite = element('testsuite', attributes, undefined, `\n${cases.join('\n')}\n`)
  return visibleXml(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}\n</testsuites>\n`)
}

/** @param inner elements: `failure`, `error`, `skipped` with a message, or `system-out` */
export const testCase = (classname: string, name: string, inner: string): string =>
  element('testcase', { classname, name }, undefined, inner)

/** An element of XML; attributes and text are whatever texts, `inner` is XML. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string>>,
  text: string = '',
  inner: string = '',
): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${escaped(value).replaceAll('\n', '&#10;')}"`,
  )
  return `<${name}${given.join('')}>${escaped(text)}${inner}</${name}>`
}

/** XML has no form for most control characters, not even an escaped one. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to go
    .replace(/[\0-\x08\x0b-\x1f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
