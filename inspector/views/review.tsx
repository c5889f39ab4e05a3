import type { Review as ReviewView } from '../api.ts'
import { shownOutcome } from '../model/outcome.ts'
import { counted, span } from '../model/wording.ts'
import { Button } from '../parts/button.tsx'
import { CiteMark } from '../parts/cite.tsx'
import { copyText } from '../parts/copy.tsx'
import { Icon } from '../parts/icon.tsx'
import { Note } from '../parts/note.tsx'
import { Page } from '../parts/page.tsx'
import { hrefOfRequest } from '../place.ts'
import { all, exchanges, review, whyNothing, world } from '../session.ts'

type Found = ReviewView['findings'][number]

/** What a reviewer of the client would say, each with the exchanges that show it. */
export function Review() {
  const { value } = review
  if (value === null) return <Page title="Review" about={whyNothing.value} />
  const { findings, dropped } = value
  const held = world.value?.counts?.locks ?? 0
  const head = (
    <>
      <span class="grow" />
      <Button look="" onClick={() => copyText(markdownOf(findings), 'The review')}>
        <Icon name="copy" size={14} /> Copy as Markdown
      </Button>
    </>
  )
  return (
    <Page title="Review" about="What a reviewer of this client would say." head={head} width={960}>
      {held > 0 && (
        <p class="muted">
          It is not over: {counted(held, 'lock')} {held === 1 ? 'is' : 'are'} still held, and may yet be released.
        </p>
      )}
      {dropped > 0 && <p class="muted">{counted(dropped, 'exchange')} could not be judged: no longer kept.</p>}
      <section class="card" aria-label="Findings">
        {findings.length === 0 && (
          <Note>Nothing. {all.value.length === 0 ? 'There is no request yet.' : 'The client did well so far.'}</Note>
        )}
        {findings.map((finding, index) => (
          <Finding key={index} finding={finding} />
        ))}
      </section>
    </Page>
  )
}

export function Finding({ finding: { rule, title, message, requests, facts } }: { readonly finding: Found }) {
  return (
    <article class="finding">
      <Icon name="flag" />
      <h2>
        {title}
        <code>{rule}</code>
        {facts.map((id) => (
          <CiteMark key={id} id={id} />
        ))}
      </h2>
      <p>{message}</p>
      <div class="evidence">
        {requests.slice(0, 12).map((id, index) => (
          <Evidence key={id} id={id} before={requests[index - 1]} />
        ))}
        {requests.length > 12 && <small>and {requests.length - 12} more</small>}
      </div>
    </article>
  )
}

/** An exchange that shows it, and how long after the one before. */
function Evidence({ id, before }: { readonly id: number; readonly before: number | undefined }) {
  void all.value
  const [summary, earlier] = [exchanges.find(id), before === undefined ? undefined : exchanges.find(before)]
  const outcome = summary && shownOutcome(summary)
  return (
    <>
      {summary && earlier && <small>{span(Date.parse(summary.time) - Date.parse(earlier.time))} later</small>}
      <a class="chip" href={hrefOfRequest(id)}>
        <code>#{id}</code>
        {summary ? (summary.operation ?? summary.path.slice(0, 30)) : 'no longer kept'}
        {outcome && <b class={outcome.kind}>{outcome.word}</b>}
      </a>
    </>
  )
}

/** For an issue of the client's project. */
const markdownOf = (findings: readonly Found[]): string =>
  [
    '## What the emulator found in this client',
    '',
    ...findings.map(({ title, rule, message, requests }) => {
      const shown = requests.map((id) => `#${id} ${exchanges.find(id)?.operation ?? ''}`.trim()).join(', ')
      return `- **${title}** (\`${rule}\`). ${message} Shown by ${shown}.`
    }),
    '',
  ].join('\n')
