import { Type } from '@sinclair/typebox'
import { wordOf } from '../../cli/visible.ts'
import type { OperationId } from '../../schemas/index.ts'
import { accepted, expectForm } from '../expect.ts'
import type { Answer, Call } from '../target.ts'
import type { Workbench } from '../workbench.ts'

const AnyPage = Type.Object({ data: Type.Array(Type.Unknown()) })

/**
 * More pages than any list of the kit has, of which none holds more than three items: a page may hold fewer than were
 * asked for, or nothing, and a cursor that does not move on is not followed for ever.
 */
const mostPages = 20

/** A list to its last page, whatever each of them holds. */
export async function answersOf({ call }: Workbench, operation: OperationId, first: Call): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let cursor = '', isLast = false; !isLast && answers.length < mostPages; ) {
    const query = { ...first.query, ...(cursor !== '' && { cursor }) }
    const answer = await call(operation, { ...first, query })
    accepted(answer, `page ${answers.length + 1}`)
    answers.push(answer)
    // How the last page says that it is the last was never seen: elsewhere in KooDrive, by a missing cursor.
    cursor = wordOf(Object(answer.json).nextCursor ?? '')
    isLast = cursor === ''
  }
  return answers
}

export const itemsIn = ({ json }: Answer): unknown[] => expectForm(AnyPage, json).data

/** The same as its pages, of each item no more than a property by which it is known. */
export async function walk(bench: Workbench, operation: OperationId, first: Call, property: string) {
  const answers = await answersOf(bench, operation, first)
  return answers.map((answer) => itemsIn(answer).map((item) => wordOf(Object(item)[property])))
}
