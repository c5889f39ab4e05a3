import type { ExchangeView } from '../../api.ts'
import { refusedHeader } from '../../model/marks.ts'
import { Card } from '../../parts/card.tsx'
import { Note } from '../../parts/note.tsx'

/** Headers of both ways, as they were; what is secret was never kept. */
export const Headers = ({ exchange }: { readonly exchange: ExchangeView }) => (
  <>
    <Pairs
      title="Request"
      note="tokens and signatures are not kept, only their digests"
      headers={exchange.requestHeaders}
      refused={refusedHeader(exchange)}
    />
    <Pairs title="Answer" headers={exchange.responseHeaders} />
  </>
)

interface PairsProps {
  readonly title: string
  readonly note?: string
  readonly headers: Readonly<Record<string, string>>
  /** The name of the one that is to be marked. */
  readonly refused?: string
}

const Pairs = ({ title, note, headers, refused }: PairsProps) => (
  <Card title={title} note={note}>
    {Object.keys(headers).length === 0 && <Note>There are none.</Note>}
    <table class="pairs headers">
      <tbody>
        {Object.entries(headers).map(([name, value]) => (
          <tr key={name} class={name === refused ? 'removed' : ''}>
            <th scope="row" class="mono sent">
              {name}
            </th>
            <td class="mono sent">
              {value}
              {name === refused && <span class="mistake-text"> refused here</span>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Card>
)
