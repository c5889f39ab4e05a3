import { inWords, linkSeconds } from '../../schemas/upload-limits.ts'
import type { ReviewRule } from './finding.ts'
import type { History } from './history.ts'
import { grouped } from './history.ts'
import { isGiven, isOf, isSuccess, missingParts } from './questions.ts'
import type { Reviewed } from './reviewed.ts'

/** The announcement of a file, with all that is about its upload, in the order of ids. */
interface Upload {
  readonly announcements: readonly Reviewed[]
  readonly links: readonly Reviewed[]
  readonly puts: readonly Reviewed[]
  readonly completions: readonly Reviewed[]
  /** After which parts may have to come again: refusals of what is about the file, and announcements with other parts. */
  readonly turns: readonly Reviewed[]
}

/** Uploads whose announcement was heard; announced again, it is the same one. */
function uploadsOf(history: History): Upload[] {
  const given = history.of('createBackupFile').filter((one) => isGiven(one) && one.facts.given.uploadId !== undefined)
  return [...grouped(given, ({ facts }) => facts.given.uploadId)].flatMap(([uploadId, announcements]) => {
    const [announced] = announcements
    /* c8 ignore next -- no group is empty */
    if (announced === undefined) return []
    const ofFile = history.ofFile(String(announced.facts.given.fileId))
    const asked = ofFile.filter((one) => isOf(one, 'getMultipartUploadUrl') && isGiven(one))
    const puts = history.ofUpload(uploadId).filter((one) => isOf(one, 'uploadPart'))
    const completions = ofFile.filter((one) => isOf(one, 'completeFile'))
    const refused = [...ofFile, ...namesakes(history, announced)].filter(({ refusal }) => refusal !== null)
    const turns = [...refused, ...dividedAnew(announcements)].sort(byId)
    return [{ announcements, links: [...announcements, ...asked].sort(byId), puts, completions, turns }]
  })
}

/** Announcements of a file of the same name in the same record. */
const namesakes = (history: History, { userId, facts: { sent } }: Reviewed): readonly Reviewed[] =>
  history
    .ofRecord(String(sent.recordId))
    .filter(
      (one) => isOf(one, 'createBackupFile') && one.userId === userId && one.facts.sent.fileName === sent.fileName,
    )

/** Announcements that ask for other parts than the one before: they may replace what was announced, and drop what came (DEC-33). */
const dividedAnew = (announcements: readonly Reviewed[]): Reviewed[] =>
  announcements.filter(({ facts: { scalars } }, index) => {
    const before = announcements[index - 1]
    const asked = scalars['multiParts']
    return before !== undefined && asked !== undefined && asked !== before.facts.scalars['multiParts']
  })

const byId = (one: Reviewed, other: Reviewed): number => one.id - other.id

const partOf = ({ facts }: Reviewed): number => Number(facts.sent.part)

/* c8 ignore next -- links are always of parts */
const partsOf = ({ facts }: Reviewed): readonly number[] => facts.given.parts ?? []

/** Of each answer with links, the first that shows that one of them was wanted and expired before it was used. */
function expiredUnused(history: History): Reviewed[][] {
  return uploadsOf(history).flatMap((upload) => {
    const late = new Map<Reviewed, Reviewed>()
    const latestFirst = [...usesOf(upload).values()].flatMap(expired).sort(([, one], [, other]) => byId(other, one))
    for (const [given, next] of latestFirst) late.set(given, next)
    return [...late].sort(([one], [other]) => byId(one, other))
  })
}

/** Of one part: links after which nothing came before they had expired, each with what came then. */
const expired = (uses: readonly Reviewed[]): [given: Reviewed, next: Reviewed][] =>
  uses.flatMap((given, index): [Reviewed, Reviewed][] => {
    const next = uses[index + 1]
    if (isOf(given, 'uploadPart') || next === undefined || next.begunAfter < given.id) return []
    return next.signingTime - given.signingTime > linkSeconds * 1000 ? [[given, next]] : []
  })

/** What was done about each part: a link of it was given, or it was sent. */
function usesOf({ links, puts }: Upload): Map<number, Reviewed[]> {
  const uses = new Map<number, Reviewed[]>()
  const note = (part: number, use: Reviewed) => uses.set(part, [...(uses.get(part) ?? []), use])
  for (const use of [...links, ...puts].sort(byId)) {
    for (const part of isOf(use, 'uploadPart') ? [partOf(use)] : partsOf(use)) note(part, use)
  }
  return uses
}

/** Parts of the same size that had come, and came again after the client had heard of that. */
function resentIn(upload: Upload): Reviewed[] {
  const there = new Map<number, Reviewed>()
  const again: Reviewed[] = []
  for (const put of upload.puts.filter(isSuccess)) {
    const before = there.get(partOf(put))
    there.set(partOf(put), put)
    const isWaste = before?.delivered && put.begunAfter >= before.id && before.requestSize === put.requestSize
    if (isWaste && !isAsked(before, put, upload)) again.push(put)
  }
  return again
}

/** So many exchanges of an upload are looked at for the reason of a part that comes again. */
const mostBefore = 32

/** A part has to come again if it may be gone or wrong by what came in between, or another part before it did. */
const isAsked = (before: Reviewed, again: Reviewed, { puts, turns, links }: Upload): boolean => {
  const place = puts.indexOf(again)
  return [
    ...turns,
    // Whoever announces the file anew, over another connection, may have died in between: nothing tells what had come.
    ...links.filter((one) => isOf(one, 'createBackupFile') && one.connection !== before.connection),
    ...puts
      .slice(Math.max(0, place - mostBefore), place)
      .filter((put) => partOf(put) < partOf(again) && isSuccess(put)),
  ].some(({ id }) => id > before.id && id < again.id)
}

/** So many parts that were lost are looked at, of one upload. */
const mostLost = 8

/** A part that did not arrive, and all others, which had, sent once more after it. */
function wholeAgain(history: History): Reviewed[][] {
  return uploadsOf(history).flatMap((upload) => {
    const { lost, again } = restartOf(upload)
    return lost ? [[lost, ...again]] : []
  })
}

/** The first of those that came again shows whether it was for a reason: behind it, the others may have to. */
function restartOf(upload: Upload): { readonly lost?: Reviewed; readonly again: readonly Reviewed[] } {
  const { puts } = upload
  for (const lost of puts.filter((put) => !isSuccess(put)).slice(0, mostLost)) {
    const came = puts.filter((put) => isSuccess(put) && put.delivered && put.id < lost.id)
    const there = new Map(came.map((put) => [partOf(put), put]))
    there.delete(partOf(lost))
    const again = puts.filter((put) => put.begunAfter >= lost.id && isSuccess(put) && there.has(partOf(put)))
    const [first] = again
    const before = first && there.get(partOf(first))
    const isWhole = before !== undefined && new Set(again.map(partOf)).size === there.size
    if (isWhole && first && !isAsked(before, first, upload)) return { lost, again }
  }
  return { again: [] }
}

const sentAgain = (history: History): Reviewed[][] =>
  uploadsOf(history)
    .filter((upload) => restartOf(upload).lost === undefined)
    .map(resentIn)
    .filter(({ length }) => length > 0)

/** Completions that came before an announced part had: the emulator said so. */
const completedEarly = (history: History): Reviewed[][] =>
  uploadsOf(history).flatMap((upload) =>
    upload.completions
      .filter((one) => one.refusal === 'integrity' && missingParts(one).some((part) => !hasCome(part, one, upload)))
      .map((one) => [one]),
  )

/** Whether a part came for what the client announced last: it is missing all the same where somebody else divided the file anew. */
function hasCome(part: number, completion: Reviewed, { announcements, puts }: Upload): boolean {
  const divided = dividedAnew(announcements).findLast(({ id }) => id < completion.id)?.id ?? 0
  return puts.some((put) => partOf(put) === part && isGiven(put) && put.begunAfter >= divided && put.id < completion.id)
}

/** Of parts that a client asked for itself, the first is neither. */
function mixed(history: History): Reviewed[][] {
  return uploadsOf(history).flatMap((upload) => plansOf(upload).flatMap(mixedIn).slice(0, 1))
}

/** Links that a client asked for itself, from each time when it divided the file anew to the next. */
function plansOf({ announcements, links }: Upload): Reviewed[][] {
  const turns = new Set(dividedAnew(announcements))
  const plans: Reviewed[][] = [[]]
  for (const link of links.filter(({ facts }) => facts.scalars['multiParts'] !== undefined)) {
    if (turns.has(link)) plans.push([])
    plans.at(-1)?.push(link)
  }
  return plans
}

function mixedIn(asked: readonly Reviewed[]): Reviewed[][] {
  const parallel = asked.find(({ facts }) => facts.given.parallel?.some((part) => part > 1))
  const sequential = asked.find((one) => {
    const ofParallel = new Set(one.facts.given.parallel)
    return partsOf(one).some((part) => part > 1 && !ofParallel.has(part))
  })
  return parallel && sequential ? [[...new Set([sequential, parallel])].sort(byId)] : []
}

/** Files in parts, their links and their completion. */
export const uploadRules: readonly ReviewRule[] = [
  {
    rule: 'link-expired-unused',
    title: 'Link expired unused',
    message: `A link expired before it was used: they live ${inWords(linkSeconds)} seconds; ask for them as they are needed.`,
    facts: ['UPL-5'],
    find: expiredUnused,
  },
  {
    rule: 'part-sent-again',
    title: 'Part sent again',
    message: 'Parts were sent again though they were there, and the client had been told so.',
    facts: ['UPL-1'],
    find: sentAgain,
  },
  {
    rule: 'file-sent-again',
    title: 'Whole file sent again',
    message: 'One part was lost, and all that had arrived were sent again with it.',
    facts: ['UPL-1'],
    find: wholeAgain,
  },
  {
    rule: 'file-completed-early',
    title: 'File completed early',
    message: 'A file was told to be complete before the last of its parts had come.',
    facts: ['UPL-6', 'DEC-42'],
    find: completedEarly,
  },
  {
    rule: 'sequential-and-parallel',
    title: 'Sequential and parallel parts mixed',
    message: 'Parts with hashCtx and parts without it are mixed in one upload.',
    facts: ['UPL-3', 'DEC-37'],
    find: mixed,
  },
]
