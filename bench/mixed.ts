import { requestText } from './connection.ts'
import type { Workload } from './load.ts'
import type { Session } from './session.ts'
import { everything } from './session.ts'
import { headers } from './workloads.ts'

/** All operations, each connection a user of its own. Nobody has tuned the emulator by it, and nobody should. */
export const mixed: Workload = {
  status: 200,
  follows: true,
  of: (connection) => {
    const user = `mixed${connection}`
    const session = endless(user)
    return (before) => {
      const told = before === undefined || before.body === '' ? {} : JSON.parse(before.body)
      const { method, target, headers: more, body } = session.next(told).value
      return requestText(method, pathOf(target), headers({ 'x-user-id': user, ...more }), body)
    }
  },
}

/** Each time from another machine. */
function* endless(user: string): Session<never> {
  for (let machine = 0; ; machine += 1) yield* everything(`${user}${machine}`)
}

function pathOf(target: string): string {
  const { pathname, search } = new URL(target, 'http://localhost')
  return `${pathname}${search}`
}
