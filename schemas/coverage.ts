import type { Static } from '@sinclair/typebox'
import { Type } from '@sinclair/typebox'
import { orNull } from './or-null.ts'

/** What is counted, of each operation: that it succeeded, refusals of its rule, reasons for its items to fail, and so on. */
export const goalKinds = ['operations', 'refusals', 'items', 'answers', 'mishaps', 'fields'] as const
export type GoalKind = (typeof goalKinds)[number]

const count = Type.Integer({ minimum: 0 })

const GoalView = Type.Object(
  {
    kind: Type.Union(goalKinds.map((kind) => Type.Literal(kind))),
    what: Type.String({ description: 'the refusal, the mishap, the field …' }),
    met: Type.Integer({ minimum: 0, description: 'how often; 0 is never' }),
  },
  { title: 'CoverageGoal' },
)

const Share = Type.Object({ met: count, of: count }, { title: 'CoverageShare' })

const NeverMet = Type.Object(
  {
    kind: Type.Union(goalKinds.map((kind) => Type.Literal(kind))),
    what: Type.String({ description: 'in words, for all operations that it concerns' }),
    at: Type.Array(
      Type.Object({
        operation: Type.String(),
        what: Type.String(),
        line: orNull(Type.String(), { description: 'for a shell: what makes it' }),
      }),
    ),
    gauntlet: orNull(Type.String(), {
      description: 'the command of the emulator that lets a client meet it in a run of its own',
    }),
  },
  { title: 'CoverageGap' },
)

/** What a client ever met of the contract, and what it never did, of the operations that it used. */
export const CoverageView = Type.Object(
  {
    requests: Type.Integer({ minimum: 0, description: 'all of them, also those that were for no operation' }),
    operations: Type.Array(
      Type.Object({ operation: Type.String(), requests: count, goals: Type.Array(GoalView) }, { title: 'CoverageOf' }),
    ),
    shares: Type.Object(
      { operations: Share, refusals: Share, items: Share, answers: Share, mishaps: Share, fields: Share },
      { title: 'CoverageShares', description: 'of all operations; the others of the operations that were called' },
    ),
    neverMet: Type.Array(NeverMet),
    neverCalled: Type.Array(Type.String()),
  },
  { title: 'CoverageView' },
)
export type CoverageView = Static<typeof CoverageView>
