import { connection } from '../../asking.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useTicks } from '../../parts/ticking.ts'
import { isAnother, retry } from '../../session.ts'

/** What went wrong between page and emulator: that it is away, or that another process answers. */
export function Banner() {
  const { value } = connection
  const isLost = value.kind === 'lost'
  useTicks(isLost)
  if (value.kind === 'lost') {
    const left = Math.max(0, Math.ceil((value.nextTry - Date.now()) / 1000))
    return (
      <div class="banner">
        <Icon name="triangle-alert" />
        <span role="alert">
          <b>The emulator does not answer</b> since {new Date(value.since).toLocaleTimeString('en-GB')}. What you see is
          what was seen last; nothing was lost on this page.
        </span>
        <span class="grow" />
        <span class="muted">
          next try in <span class="count">{left}</span> s
        </span>
        <Button look="" onClick={retry}>
          Try now
        </Button>
      </div>
    )
  }
  if (!isAnother.value) return null
  return (
    <div class="banner notice">
      <Icon name="plug" />
      <span role="status">
        <b>Another process answers</b>: the emulator was started anew, and the page began anew with it.
      </span>
      <span class="grow" />
      <Button look="" onClick={() => (isAnother.value = false)}>
        Understood
      </Button>
    </div>
  )
}
