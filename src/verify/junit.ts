import { answerLine, curlOf } from './curl.ts'
import type { MachineReport } from './machine/report.ts'
import type { FactReport, Report } from './report.ts'
import { wordClients } from './text.ts'

/** A report as pipelines read it: a test case per fact, of which only documented ones can fail. */
export function junitOf(report: Report): string {
  const { target, startedAt, durationMillis, facts, stateMachine, defects } = report
  const cases = [
    ...facts.map(caseOf),
    ...stateMachine.map(machineCase),
    ...defects.map((trace) => testCase('kit', 'the kit itself works', element('error', { message: 'failed' }, trace))),
  ]
  const count = (form: string) => `${cases.filter((one) => one.includes(`<${form} `)).length}`
  const attributes = {
    name: `verify ${target}`,
    tests: `${cases.length}`,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: `${durationMillis / 1000}`,
    timestamp: startedAt,
  }
  const suite = element('testsuite', attributes, undefined, `\n${cases.join('\n')}\n`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suite}\n</testsuites>\n`
}

function caseOf({ id, standing, result, sentence, reason = '', checks, evidence }: FactReport): string {
  const found = checks.map((check) => `${check.result}: ${check.title}${check.reason ? ` (${check.reason})` : ''}`)
  // Of what is as expected, the whole report has the evidence.
  const telling = result === 'failed' || result === 'differs' ? evidence : []
  const shown = telling.flatMap((one) => [curlOf(one), answerLine(one)])
  const text = [...found, ...shown].join('\n')
  return testCase(standing, `${id} ${sentence}`, verdict(result, reason, text))
}

function machineCase({ result, id, reason, script = '', seed, runs, clients }: MachineReport): string {
  const why = [id, reason].filter(Boolean).join(' ')
  const inner = verdict(result, why, `seed ${seed}\n${script}`)
  return testCase('state machine', `${runs} sequences, ${wordClients(clients)}`, inner)
}

function verdict(result: FactReport['result'], reason: string, text: string): string {
  if (result === 'failed') return element('failure', { message: reason }, text)
  if (result === 'not observable') return element('skipped', { message: reason })
  return element('system-out', {}, `${result}\n${text}`)
}

const testCase = (standing: string, name: string, inner: string): string =>
  element('testcase', { classname: `verify.${standing}`, name }, undefined, inner)

function element(name: string, attributes: Readonly<Record<string, string>>, text = '', inner = ''): string {
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
