import type { CheckView } from '../../../schemas/explain.ts'
import { Card } from '../../parts/card.tsx'
import { CiteMark } from '../../parts/cite.tsx'

const wordOf = (passed: boolean | null): string => (passed === null ? 'unreached' : passed ? 'passed' : 'failed')

/** The checks of a request in their order: passed, failed, not reached. */
export const Checks = ({ checks }: { readonly checks: readonly CheckView[] }) =>
  checks.length === 0 ? null : (
    <Card
      title="Checks"
      note={
        <>
          in the order of <CiteMark id="DEC-1" />
        </>
      }
    >
      <ol class="checks">
        {checks.map(({ check, passed }) => (
          <li key={check} class={wordOf(passed)}>
            {check}
            <span class="aloud">: {wordOf(passed)}</span>
          </li>
        ))}
      </ol>
    </Card>
  )
