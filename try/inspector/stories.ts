import { comingLate } from './coming-late.ts'
import { driving } from './driving.ts'
import { judging } from './judging.ts'
import { looking } from './looking.ts'
import { repeating } from './repeating.ts'
import { stayingTrue } from './staying-true.ts'
import type { Story } from './story.ts'
import { understanding } from './understanding.ts'

export const stories: readonly Story[] = [
  ...looking,
  ...understanding,
  ...repeating,
  ...driving,
  ...judging,
  ...stayingTrue,
  ...comingLate,
]
