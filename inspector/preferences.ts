import { computed, effect, signal } from '@preact/signals'
import { place } from './place.ts'

/** What the page keeps of what somebody chose: on this machine, and only that. */
const themes = ['', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

const read = (name: string): string => {
  try {
    return localStorage.getItem(`inspector.${name}`) ?? ''
  } catch {
    return '' // a browser that keeps nothing
  }
}

const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(`inspector.${name}`, value)
  } catch {
    // It is kept as long as the page is open.
  }
}

const chosenTheme = signal(read('theme'))
const chosenShortcuts = signal(read('shortcuts'))
const chosenStrip = signal(read('strip'))

/** `''` as the system has it. The address has the last word. */
export const theme = computed<Theme>(
  () => themes.find((one) => one !== '' && one === (place.value.theme || chosenTheme.value)) ?? '',
)
export const hasShortcuts = computed(() => (place.value.shortcuts || chosenShortcuts.value) !== 'false')
export const hasStrip = computed(() => chosenStrip.value !== 'false')

function choose(kept: typeof chosenTheme, name: string, value: string): void {
  kept.value = value
  keep(name, value)
}

export const chooseTheme = (value: Theme): void => choose(chosenTheme, 'theme', value)
export const chooseShortcuts = (isOn: boolean): void => choose(chosenShortcuts, 'shortcuts', String(isOn))
export const chooseStrip = (isOn: boolean): void => choose(chosenStrip, 'strip', String(isOn))

export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset['theme'] = theme.value
  })
}
