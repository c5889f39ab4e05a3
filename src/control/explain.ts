import type { Explanation, ExplainRequest as Question } from '../../schemas/control.ts'
import { ExplainRequest, Explanation as ExplanationForm, WorldParams } from '../../schemas/control.ts'
import type { World } from '../world/world.ts'
import { ask } from './dials.ts'
import type { Control, Panel } from './routes.ts'

/** Says what the emulated API would answer, without doing it. */
export type Explain = (world: World, question: Question) => Explanation

/** Would this request be accepted, and if not, which check refuses it and why? */
export function serveExplain(control: Control, { dials }: Panel, explain: Explain): void {
  const schema = { params: WorldParams, body: ExplainRequest, response: { 200: ExplanationForm } }
  control.post('/worlds/:name/explain', { schema }, async (request) =>
    ask(explain, dials.ensure(request.params.name), request.body),
  )
}
