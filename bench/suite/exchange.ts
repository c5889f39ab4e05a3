import type { Call, Told } from '../session.ts'
import { backup } from '../session.ts'
import { headers } from '../workloads.ts'

/** What a stub answers, and to what. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly status: number
  readonly type: string | null
  readonly body: string
}

/** Replaces requests by stubs until what it returns is called. */
export type Stub = (base: string, exchanges: readonly Exchange[]) => () => void

export type Asked = (address: string, call: Call, answer: Response, body: string) => void

/** One test: a backup in a world, with `fetch` as clients have it; throws where an answer is not 200. */
export async function backUp(base: string, asked: Asked = () => undefined): Promise<void> {
  const session = backup('LAPTOP')
  let told: Told = {}
  for (let { value, done } = session.next(told); !done; { value, done } = session.next(told)) {
    const call = value as Call // it is not done
    const address = call.target.startsWith('/') ? `${base}${call.target}` : call.target
    const answer = await fetch(address, {
      method: call.method,
      headers: headers(call.headers),
      body: call.body ?? null,
    })
    const body = await answer.text()
    if (answer.status !== 200) throw new Error(`${call.method} ${address}: ${answer.status} ${body}`)
    asked(address, call, answer, body)
    told = body === '' ? {} : JSON.parse(body)
  }
}
