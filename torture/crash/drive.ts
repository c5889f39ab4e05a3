import type { Answer, Client } from '../client.ts'
import { scenario } from './scenario.ts'

// biome-ignore lint/suspicious/noExplicitAny: answers of every form
export type Told = Record<string, any>

/** How many lines the scenario has. */
export const lineCount = scenario.length

const isDone = ({ status, text }: Answer): boolean =>
  status < 300 && (text === '' || (JSON.parse(text).code ?? 0) === 0)

/** Sends one line of the scenario, and remembers its answer for later ones. */
export async function sendLine(client: Client, index: number, told: Told): Promise<Answer> {
  const line = scenario[index]
  if (line === undefined) throw new Error(`the scenario has no line ${index}`)
  const answer = await client.send(line.call(told))
  if (line.as && isDone(answer)) told[line.as] = JSON.parse(answer.text)
  return answer
}

/** Whether an answer is the one that the scenario wants. */
export const isWanted = (index: number, answer: Answer): boolean =>
  answer.status < 500 && isDone(answer) !== (scenario[index]?.refused ?? false)

export const nameOf = (index: number, told: Told): string => {
  const call = scenario[index]?.call(told)
  return `line ${index}, ${call?.method} ${call?.path}`
}
