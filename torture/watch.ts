import { grouped } from './verdict.ts'

/** Secrets that are planted everywhere a client or a person may put one, and that no output may show. */
export const canaries = {
  token: 'cAnaryT0kenQ7vXw2LzR9',
  appId: 'torture-app',
  appSecret: 'cAnarySecr3tJ5mBn8KdP4',
} as const

/** The forms in which a text could get out: as it is, hexadecimal, and within any base64; each also percent-encoded. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const shifted = [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    return whole.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 4) / 3 / 4) * 4)
  })
  return [secret, bytes.toString('hex'), ...shifted]
}

const forms = [...formsOf(canaries.token), ...formsOf(canaries.appSecret)]
/** With every character as `%xx`. */
const longestForm = 3 * Math.max(...forms.map(({ length }) => length))

const decoded = (text: string): string =>
  text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Looks for the canaries in whatever comes out of an emulator. */
export class Watch {
  #characters = 0
  readonly #found = new Set<string>()

  /** @param where what the text is a part of, in words */
  see(text: string, where: string): void {
    this.#characters += text.length
    this.#look(text, where)
    if (text.includes('%')) this.#look(decoded(text), where)
  }

  #look(text: string, where: string): void {
    const form = forms.find((one) => text.includes(one))
    if (form === undefined) return
    const place = text.indexOf(form)
    this.#found.add(`${where}: …${text.slice(Math.max(0, place - 80), place)}<canary>`)
  }

  /** For a stream: one that stands across two of its pieces is seen as well. */
  stream(where: string): (piece: string) => void {
    let end = ''
    return (piece) => {
      this.see(end + piece, where)
      this.#characters -= end.length
      end = (end + piece).slice(1 - longestForm)
    }
  }

  /** Counts what another one has seen as seen here; what it found is its own. */
  include(other: Watch): void {
    this.#characters += other.#characters
  }

  get amount(): string {
    const millions = this.#characters / 1e6
    return millions < 1 ? `${grouped(this.#characters)} characters` : `${millions.toFixed(1)} million characters`
  }

  get found(): readonly string[] {
    return [...this.#found].slice(0, 5)
  }
}
