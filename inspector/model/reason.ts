/** A reason as the emulator words it, taken apart: what it speaks of, the sentence, and what it rests on. */
export interface ReadReason {
  /** What is wrong: `body/currentConfigValue`, `X-Date`, `x-backup-lock-id`; empty where none is named. */
  readonly subject: string
  readonly sentence: string
  /** Ids of facts and decisions. */
  readonly citations: readonly string[]
}

const citation = /\s*\[([A-Z]+-\d+(?:[ ,]+[A-Z]+-\d+)*)\]/g
const subject =
  /^((?:body|query|path|header)(?:\/[^\s:]*)?|Authorization|X-[A-Za-z-]+|x-backup-lock-id|Content-[A-Za-z]+)(?=[\s:])/

export function readReason(reason: string): ReadReason {
  const citations = [...reason.matchAll(citation)].flatMap(([, ids = '']) => ids.split(/[ ,]+/))
  const text = reason.replace(citation, '').trim()
  const named = subject.exec(text)?.[1] ?? ''
  return { subject: named, sentence: text.slice(named.length), citations: [...new Set(citations)] }
}

/** Where in the body a reason points to; `undefined` where it speaks of something else. */
export function pointerIn({ subject: named }: ReadReason): string | undefined {
  if (!/^body(\/|$)/.test(named)) return undefined
  return named
    .slice('body'.length)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('/')
}
