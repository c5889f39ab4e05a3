import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Answer } from './connection.ts'
import { Connection } from './connection.ts'
import type { Workload } from './load.ts'
import type { Program } from './processes.ts'
import { run } from './processes.ts'

/** What Node's server writes by itself. */
const written = /^(date|connection|keep-alive|transfer-encoding)$/i

const headersOf = ({ head }: Answer): Record<string, string> =>
  Object.fromEntries(
    head
      .split('\r\n')
      .slice(1)
      .map((line) => /^([^:]+): *(.*)$/.exec(line)?.slice(1) ?? [])
      .filter(([name = '']) => name !== '' && !written.test(name)),
  )

/** What a server answers to the request that a workload repeats, at the latest its twelfth. */
async function answerTo(workload: Workload, url: string): Promise<Answer> {
  const connection = new Connection(url)
  const next = workload.of(0)
  let answer: Answer | undefined
  for (let request = 0; request < 12; request += 1) answer = await connection.ask(next(answer))
  connection.close()
  if (answer?.status !== workload.status) throw new Error(`${answer?.status} ${answer?.body}`)
  return answer
}

/**
 * A bare `node:http` that sends the very bytes which a program answers.
 *
 * @param workloads by the last segment of the path that they ask for
 */
export async function sameBytes(
  name: string,
  program: Program,
  prepare: (url: string) => Promise<void>,
  workloads: Readonly<Record<string, Workload>>,
): Promise<Program> {
  const running = await run(program)
  await prepare(running.url)
  const answers: Record<string, object> = {}
  for (const [segment, workload] of Object.entries(workloads)) {
    const answer = await answerTo(workload, running.url)
    answers[segment] = { headers: headersOf(answer), body: Buffer.from(answer.body, 'latin1').toString() }
  }
  await running.stop()
  const folder = mkdtempSync(join(tmpdir(), 'bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true }))
  const file = join(folder, 'answers.json')
  writeFileSync(file, JSON.stringify(answers))
  const server = fileURLToPath(new URL('floor/same-bytes.js', import.meta.url))
  return { name, args: (port) => [server, String(port), file] }
}
