import { WorldParams } from '../../schemas/control.ts'
import { entryOf } from '../intercept/entry.ts'
import { review } from '../review/rules.ts'
import type { Control, Panel } from './routes.ts'

/** What a reviewer of the client would say to the exchanges in the journal. */
export function serveReview(control: Control, { dials }: Panel): void {
  control.get('/worlds/:name/review', { schema: { params: WorldParams } }, async (request) => ({
    findings: review(dials.find(request.params.name).journal.exchanges.map(entryOf)),
  }))
}
