import { signal } from '@preact/signals'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface Asked {
  readonly title: string
  readonly text: string
  /** What is done by a yes: `Send it`. */
  readonly word: string
}

const question = signal<(Asked & { readonly answer: (isYes: boolean) => void }) | null>(null)

/** Asks before something is done that cannot be taken back. @returns whether it is wanted */
export function ask(asked: Asked): Promise<boolean> {
  question.peek()?.answer(false)
  return new Promise((resolve) => {
    const answer = (isYes: boolean) => {
      question.value = null
      resolve(isYes)
    }
    question.value = { ...asked, answer }
  })
}

/** Where it is asked. */
export function Question() {
  const { value } = question
  if (value === null) return null
  return (
    <Dialog title={value.title} onClose={() => value.answer(false)}>
      <p>{value.text}</p>
      <div class="actions">
        <Button look="primary" onClick={() => value.answer(true)}>
          {value.word}
        </Button>
        <Button look="" onClick={() => value.answer(false)}>
          Leave it
        </Button>
      </div>
    </Dialog>
  )
}
