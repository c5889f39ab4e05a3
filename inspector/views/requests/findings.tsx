import type { ExchangeView } from '../../api.ts'
import { Card } from '../../parts/card.tsx'
import { Finding } from '../review.tsx'

/** What the review says of this exchange. */
export const Findings = ({ exchange: { findings } }: { readonly exchange: ExchangeView }) =>
  findings.length === 0 ? (
    <p class="muted">A reviewer would say nothing of this request.</p>
  ) : (
    <Card title="Review" note="what a reviewer of the client would say">
      {findings.map((finding, index) => (
        <Finding key={index} finding={finding} />
      ))}
    </Card>
  )
