import { announce } from './announce.tsx'
import { Button } from './button.tsx'
import { Icon } from './icon.tsx'

/** Puts a text on the clipboard. Where the page is not trusted with it (a name without TLS), the older way is taken. */
export async function copyText(text: string, what: string): Promise<void> {
  let isCopied = true
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    isCopied = copyBySelection(text)
  }
  if (isCopied) announce(`${what} copied`, 'shown')
  else announce('The browser did not let it be copied', 'shown', { tone: 'refused' })
}

/** @returns whether it was done */
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  const before = document.activeElement
  area.value = text
  area.className = 'aloud'
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return isCopied
}

interface CopyButtonProps {
  readonly text: () => string
  /** As it is said afterwards: `Body`. */
  readonly what: string
}

export const CopyButton = ({ text, what }: CopyButtonProps) => (
  <Button look="quiet symbol" aria-label={`Copy ${what.toLowerCase()}`} onClick={() => copyText(text(), what)}>
    <Icon name="copy" size={14} />
  </Button>
)

/** Gives a text as a file. */
export function saveAs(name: string, type: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
