import { useEffect, useState } from 'preact/hooks'
import { latest } from '../model/latest.ts'
import { returns } from '../session.ts'

interface Told<Answer> {
  readonly question: string
  readonly answer?: Answer
  readonly error?: Error
}

/**
 * What is answered to a question; until that is here, nothing.
 *
 * @param present what the answer depends on beside the question: where it is another, it is asked again, and the answer before
 *   stays until then; so it is once the emulator was away and is back
 * @param wait for more of that, in milliseconds
 */
export function useAnswer<Answer>(
  question: string,
  present: readonly unknown[],
  ask: () => Promise<Answer> | undefined,
  wait = 0,
): Omit<Told<Answer>, 'question'> {
  const [told, setTold] = useState<Told<Answer>>({ question: '' })
  const [begin] = useState(latest)
  useEffect(() => {
    const timer = setTimeout(() => {
      const isOfUse = begin()
      const keep = (part: Omit<Told<Answer>, 'question'>) => isOfUse() && setTold({ question, ...part })
      ask()?.then(
        (answer) => keep({ answer }),
        (error: Error) => keep({ error }),
      )
    }, wait)
    return () => clearTimeout(timer)
  }, [question, returns.value, ...present])
  return told.question === question ? told : {}
}
