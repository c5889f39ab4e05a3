import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { UsageError } from '../cli/usage-error.ts'
import { messageOf } from '../src/process/startup-error.ts'
import { largestJson, wholeFile } from '../src/process/whole-file.ts'

/** Of a report, what a comparison needs: reports of other versions have it, too. */
const Baseline = Type.Object({
  target: Type.String(),
  startedAt: Type.String(),
  ended: Type.Optional(Type.String()),
  facts: Type.Array(
    Type.Object({
      id: Type.String(),
      standing: Type.String(),
      result: Type.String(),
      evidence: Type.Array(
        Type.Object({
          request: Type.Object({ method: Type.String(), url: Type.String() }),
          response: Type.Union([
            Type.Object({ status: Type.Integer(), body: Type.String() }),
            Type.Object({ error: Type.String() }),
          ]),
        }),
      ),
    }),
  ),
})

type Frozen<Value> = Value extends (infer Item)[]
  ? readonly Frozen<Item>[]
  : { readonly [Name in keyof Value]: Frozen<Value[Name]> }

export type Baseline = Frozen<Static<typeof Baseline>>

/** @throws UsageError unless the file holds a report */
export function readBaseline(file: string): Baseline {
  const report = parsed(file)
  if (!Value.Check(Baseline, report))
    throw new UsageError(`--diff ${file} holds no report: name a file that --json has written`)
  return report
}

function parsed(file: string): unknown {
  try {
    return JSON.parse(wholeFile(file, largestJson).toString())
  } catch (error) {
    const cause = error instanceof SyntaxError ? 'it holds no JSON' : messageOf(error)
    throw new UsageError(`--diff ${file} cannot be read: ${cause}`)
  }
}
