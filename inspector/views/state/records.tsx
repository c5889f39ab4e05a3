import type { SeedFile, SeedPart, SeedRecord } from '../../../schemas/seed.ts'
import { grouped, timeOf } from '../../model/wording.ts'
import { Card } from '../../parts/card.tsx'
import { Columns } from '../../parts/columns.tsx'
import { Note } from '../../parts/note.tsx'
import { By } from './devices.tsx'

interface RecordsProps {
  readonly records: readonly SeedRecord[]
  readonly makers: ReadonlyMap<string, number | undefined>
}

/** Records with their files, and what is missing of each. */
export const Records = ({ records, makers }: RecordsProps) => (
  <div class="two">
    {records.slice(0, 60).map((record) => (
      <RecordCard key={record.recordId} record={record} makers={makers} />
    ))}
  </div>
)

interface RecordCardProps {
  readonly record: SeedRecord
  readonly makers: RecordsProps['makers']
}

function RecordCard({ record: { recordId = '', moduleCode, version, endTime, files = [] }, makers }: RecordCardProps) {
  const note = endTime ? `completed ${timeOf(endTime)}` : <span class="partial-text">never completed</span>
  return (
    <Card title={`Record ${version ?? ''} of module ${moduleCode}`} note={note}>
      {files.length > 0 && (
        <table class="pairs">
          <Columns names={['File', 'Folder', 'Upload']} />
          <tbody>
            {files.slice(0, 100).map((file) => (
              <tr key={file.fileId}>
                <td class="mono sent">
                  {file.fileName}
                  <span class="muted">
                    <By id={makers.get(file.fileId ?? '')} />
                  </span>
                </td>
                <td class="mono sent">{(file.parentFolder ?? []).join('/')}</td>
                <td class="sent">
                  <Upload file={file} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Note>
        {files.length === 0 && 'No files. '}
        <code>{recordId}</code>
        <By id={makers.get(recordId)} />
      </Note>
    </Card>
  )
}

/** Whether a file is there, or which of its parts are missing. */
function Upload({ file: { uploadId, size, multiParts = [] } }: { readonly file: SeedFile }) {
  if (uploadId === undefined)
    return <span class="muted">{size === undefined ? 'there' : `${grouped(size)} bytes`}</span>
  const missing = multiParts.filter(({ stored }) => stored === undefined)
  const there = multiParts.length - missing.length
  if (multiParts.length === 0) return <span class="partial-text">waits for its bytes</span>
  if (missing.length === 0) return <span class="partial-text">{there} parts there, not completed</span>
  return (
    <span class="partial-text">
      waits for part {numbersOf(missing)}
      {there > 0 && `, ${there} there`}
    </span>
  )
}

const numbersOf = (parts: readonly SeedPart[]): string => {
  const numbers = parts.slice(0, 6).map(({ partNumber }) => partNumber)
  return `${numbers.join(', ')}${parts.length > 6 ? ' …' : ''}`
}
