import licences from 'made:licences.txt'
import { Dialog } from '../../parts/dialog.tsx'
import { chooseShortcuts, hasShortcuts } from '../../preferences.ts'
import { destinations, isHelpOpen } from '../../shortcuts.ts'

const keys = [
  ['↑ ↓ Home End PgUp PgDn', 'move in the list (g r); End follows what comes'],
  ['Enter', 'open the exchange'],
  ['Esc', 'close what is open, and go back to the list'],
  ['/', 'filter'],
  ['⌫', 'in the empty field: take the last condition away'],
  ['S', 'send it as the first advice says'],
  ['R', 'send the request once more'],
  ['C', 'copy it as a curl command'],
  ['E', 'explain it'],
  ['?', 'show these keys'],
] as const

/** Which keys there are, and whether letters alone do anything. */
export function Help() {
  if (!isHelpOpen.value) return null
  return (
    <Dialog title="Keyboard" onClose={() => (isHelpOpen.value = false)}>
      <dl class="keys">
        {keys.map(([key, what]) => (
          <>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </>
        ))}
        {Object.entries(destinations).map(([letter, view]) => (
          <>
            <dt>
              <kbd>g</kbd> <kbd>{letter}</kbd>
            </dt>
            <dd>go to {view}</dd>
          </>
        ))}
      </dl>
      <label>
        <input
          type="checkbox"
          checked={hasShortcuts.value}
          onChange={(event) => chooseShortcuts(event.currentTarget.checked)}
        />{' '}
        Single letters are shortcuts. <span class="muted">They never are while you type in a field.</span>
      </label>
      <p class="muted">
        <a class="reference" href={new URL(licences, import.meta.url).href}>
          Licences of what this page is made with
        </a>
      </p>
    </Dialog>
  )
}
