import { Type } from '@sinclair/typebox'

/** The emulator's own routes live below this path, outside the emulated API. */
export const controlPath = '/_emulator'

export const Health = Type.Object({
  status: Type.Literal('ok'),
  version: Type.String(),
  uptimeSeconds: Type.Number({ minimum: 0 }),
})
