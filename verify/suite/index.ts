import type { StatementId } from '../../schemas/statements.ts'
import type { Check } from '../check.ts'
import { batchChecks, batchDecisionChecks } from './batches.ts'
import { commonChecks } from './common.ts'
import { configurationChecks, configurationDecisionChecks } from './configurations.ts'
import { deviceChecks, deviceDecisionChecks } from './devices.ts'
import { fileChecks, fileDecisionChecks } from './files.ts'
import { headerChecks } from './headers.ts'
import { lockChecks, lockDecisionChecks, releaseChecks } from './locks.ts'
import { pageChecks, pageDecisionChecks } from './pages.ts'
import { recordChecks, recordDecisionChecks } from './records.ts'
import { contractChecks, orderChecks, refusalChecks } from './requests.ts'
import { scopeChecks } from './scopes.ts'
import { signatureChecks } from './signature.ts'
import { uploadDecisionChecks } from './upload-decisions.ts'
import { linkChecks } from './upload-links.ts'
import { uploadChecks } from './uploads.ts'

/** Every check, each by itself: none builds on what another one made. */
export const suite: readonly Check[] = [
  ...releaseChecks,
  ...headerChecks,
  ...commonChecks,
  ...signatureChecks,
  ...deviceChecks,
  ...scopeChecks,
  ...batchChecks,
  ...configurationChecks,
  ...lockChecks,
  ...recordChecks,
  ...pageChecks,
  ...fileChecks,
  ...uploadChecks,
  ...linkChecks,
  ...orderChecks,
  ...contractChecks,
  ...refusalChecks,
  ...deviceDecisionChecks,
  ...batchDecisionChecks,
  ...configurationDecisionChecks,
  ...lockDecisionChecks,
  ...recordDecisionChecks,
  ...pageDecisionChecks,
  ...fileDecisionChecks,
  ...uploadDecisionChecks,
]

/** Statements that no request can show, each with the reason. */
export const unobservable: Partial<Record<StatementId, string>> = {
  'COM-13': 'Which of the documented codes a request of this API earns is not documented.',
  'COM-17': 'A gateway answers for itself only when it is overloaded or in trouble, and there may be none.',
  'CFG-5': 'It is about what the documentation names, and not about what a server does.',
  'DEC-7': 'A server that is sent more than it takes may close the connection before its answer can be read.',
  'DEC-14': 'It is about how the emulator is configured; its catalogue shows in the refusals of the other decisions.',
  'DEC-30': "It is about the emulator's control plane, which no other server has.",
  'DEC-32': 'It is about what the emulator starts with, which no other server has.',
}
