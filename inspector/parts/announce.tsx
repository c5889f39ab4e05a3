import { signal } from '@preact/signals'
import { Button } from './button.tsx'

interface Toast {
  readonly text: string
  /** An outcome, of which it has the colour. */
  readonly tone?: string
  readonly action?: { readonly word: string; readonly run: () => void }
}

const spoken = signal('')
const toast = signal<Toast | null>(null)
let timer: ReturnType<typeof setTimeout> | undefined

/** Says something to whoever listens; `shown`, to whoever looks, too. */
export function announce(text: string, where: 'spoken' | 'shown' = 'spoken', more: Omit<Toast, 'text'> = {}): void {
  spoken.value = text
  if (where !== 'shown') return
  toast.value = { text, ...more }
  clearTimeout(timer)
  timer = setTimeout(dismiss, more.action ? 5000 : more.tone ? 8000 : 2200)
}

function dismiss(): void {
  toast.value = null
}

let waiting = 0
let lastCount = 0

/** New rows are said as a count, and at most every five seconds. */
export function announceRows(count: number): void {
  waiting += count
  const rest = lastCount + 5000 - performance.now()
  if (waiting > count && rest > 0) return
  setTimeout(sayRows, Math.max(0, rest))
}

function sayRows(): void {
  if (waiting === 0) return
  lastCount = performance.now()
  spoken.value = `${waiting} new ${waiting === 1 ? 'request' : 'requests'}`
  waiting = 0
}

/** Where it is said and shown. */
export function Announcer() {
  const { value } = toast
  return (
    <>
      <div class="aloud" role="status" aria-live="polite">
        {spoken}
      </div>
      {value && (
        <div class={`toast ${value.tone ?? ''}`}>
          <span>{value.text}</span>
          {value.action && (
            <Button
              onClick={() => {
                value.action?.run()
                dismiss()
              }}
            >
              {value.action.word}
            </Button>
          )}
        </div>
      )}
    </>
  )
}
