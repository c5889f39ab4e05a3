import { connection } from '../../asking.ts'
import { Button } from '../../parts/button.tsx'
import { Icon } from '../../parts/icon.tsx'
import { go, place } from '../../place.ts'
import { chooseTheme, theme } from '../../preferences.ts'
import { isPaused } from '../../session.ts'
import { focusFilter, isHelpOpen } from '../../shortcuts.ts'
import { ClockPod } from './clock-pod.tsx'
import { WorldMenu } from './world-menu.tsx'

export const Top = () => (
  <header class="top">
    <div class="brand">
      <svg class="logo" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <path d="M8.5 6v12M16 6l-6.5 6 6.5 6" />
      </svg>
      <span>KooDrive emulator</span>
    </div>
    <WorldMenu />
    <div class="grow" />
    <ClockPod />
    <Live />
    <Button look="quiet symbol" aria-label="Filter requests" onClick={focusFilter}>
      <Icon name="search" />
    </Button>
    <ThemeButton />
    <Button look="quiet symbol" aria-label="Keyboard shortcuts" onClick={() => (isHelpOpen.value = true)}>
      <Icon name="keyboard" />
    </Button>
  </header>
)

function Live() {
  const { kind } = connection.value
  const [tone, word] = {
    live: isPaused.value ? ['waiting', 'Paused'] : ['', 'Live'],
    lost: ['off', 'Not reached'],
    beginning: ['waiting', 'Connecting'],
  }[kind] as [string, string]
  return (
    <div class={`live ${tone}`}>
      <i />
      {word}
    </div>
  )
}

const following = { '': 'light', light: 'dark', dark: '' } as const
const looks = { '': ['sun-moon', 'as the system'], light: ['sun', 'light'], dark: ['moon', 'dark'] } as const

function ThemeButton() {
  const { value } = theme
  const [icon, word] = looks[value]
  const change = () => {
    if (place.peek().theme !== '') go({ theme: '' }, { replace: true }) // what is chosen here counts more
    chooseTheme(following[value])
  }
  return (
    <Button look="quiet symbol" aria-label={`Theme: ${word}; change it`} onClick={change}>
      <Icon name={icon} />
    </Button>
  )
}
