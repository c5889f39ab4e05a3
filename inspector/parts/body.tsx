import { useMemo, useState } from 'preact/hooks'
import type { JsonLine, Mark } from '../model/json-lines.ts'
import { linesOf, placed } from '../model/json-lines.ts'
import { readJson } from '../model/json-tree.ts'
import { keptBody } from '../model/kept-body.ts'
import { grouped } from '../model/wording.ts'
import { Button } from './button.tsx'
import { Card } from './card.tsx'
import { CopyButton } from './copy.tsx'
import { Note } from './note.tsx'
import { Scrolling } from './scrolling.tsx'

interface BodyProps {
  readonly title: string
  readonly type: string
  /** As it was sent. */
  readonly text: string
  /** As the journal shows it: says whether it was cut. */
  readonly shown: unknown
  /** In bytes; -1 where it is not known. */
  readonly size: number
  readonly marks?: readonly Mark[]
}

/** So many lines are laid out at once. */
const mostLines = 2000

/** A body as it was sent, with what is to be said of places in it. */
export function Body({ title, type, text, shown, size, marks = [] }: BodyProps) {
  const [isRaw, setRaw] = useState(false)
  const lines = useMemo(() => {
    const root = readJson(text)
    return root && linesOf(root)
  }, [text])
  const { whole, isBinary } = keptBody(text, shown)
  const about = [type, bytesOf(whole?.bytes ?? size)].filter(Boolean).join(' · ')
  const actions = (
    <>
      {lines && (
        <Button look="quiet small" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
          Raw
        </Button>
      )}
      <CopyButton text={() => text} what={title} />
    </>
  )
  return (
    <Card title={title} note={about} actions={actions}>
      {whole && (
        <Note>
          The beginning of {grouped(whole.bytes)} bytes, whose SHA-256 is <code>{whole.sha256}</code>. The rest is not
          kept.
        </Note>
      )}
      {isBinary && <Note>It is no text; this is base64.</Note>}
      {lines && !isRaw ? <Json lines={lines} marks={marks} label={title} /> : <Raw text={text} label={title} />}
    </Card>
  )
}

const bytesOf = (size: number): string => (size < 0 ? '' : `${grouped(size)} ${size === 1 ? 'byte' : 'bytes'}`)

const Raw = ({ text, label }: { readonly text: string; readonly label: string }) => (
  <Scrolling class="raw" label={label}>
    {text === '' ? 'There is none.' : text}
  </Scrolling>
)

interface JsonProps {
  readonly lines: readonly JsonLine[]
  readonly marks: readonly Mark[]
  readonly label: string
}

function Json({ lines, marks, label }: JsonProps) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set())
  const at = useMemo(() => placed(lines, marks), [lines, marks])
  const toggle = (index: number) => {
    const next = new Set(folded)
    if (!next.delete(index)) next.add(index)
    setFolded(next)
  }
  const shown: number[] = []
  for (let index = 0; index < lines.length && shown.length < mostLines; index += 1) {
    shown.push(index)
    if (folded.has(index)) index = lines[index]?.end ?? index
  }
  return (
    <Scrolling class="json" label={label}>
      {shown.map((index) => (
        <Line
          key={index}
          line={lines[index] as JsonLine}
          number={index + 1}
          marks={at.get(index) ?? []}
          isFolded={folded.has(index)}
          onToggle={() => toggle(index)}
        />
      ))}
      {shown.length >= mostLines && <span class="line muted">{`${grouped(lines.length - mostLines)} more lines`}</span>}
    </Scrolling>
  )
}

interface LineProps {
  readonly line: JsonLine
  readonly number: number
  readonly marks: readonly Mark[]
  readonly isFolded: boolean
  readonly onToggle: () => void
}

function Line({ line, number, marks, isFolded, onToggle }: LineProps) {
  const kinds = marks.map(({ kind }) => kind).join(' ')
  const { pieces, depth, end } = line
  const foldable = end !== null && depth > 0
  return (
    <span class={`line ${kinds}`} data-pointer={line.pointer}>
      <span class="at" aria-hidden="true">
        {number}
      </span>
      <span class="text">
        {'  '.repeat(depth)}
        {pieces.map(({ kind, text }, index) => (
          <span key={index} class={kind}>
            {text}
          </span>
        ))}
        {foldable && (
          <Button class="fold muted" aria-expanded={!isFolded} aria-label="Fold" onClick={onToggle}>
            {isFolded ? '…' : '−'}
          </Button>
        )}
      </span>
      {marks.map(({ kind, note }) => (
        <span key={kind} class="note">
          {note}
        </span>
      ))}
      <span class="aloud">{'\n'}</span>
    </span>
  )
}
