/** How spans and amounts are written for people. All spans are in milliseconds. */

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const units = [
  [day, 'd'],
  [hour, 'h'],
  [minute, 'min'],
  [second, 's'],
] as const

/** Roughly, in its two largest units: `8 min 25 s`, `0.4 s`, `12 h 4 min`. */
export function span(millis: number): string {
  const tenths = Math.round(Math.abs(millis) / 100)
  if (tenths < 100) return `${tenths / 10} s`
  // Rounded before a unit is chosen: almost a minute is one, and not sixty seconds.
  const whole = Math.round(Math.abs(millis) / second) * second
  const unit = units.findIndex(([length]) => whole >= length)
  const [length, name] = units[unit] as (typeof units)[number] // a second is the least that is left
  const [smaller, smallerName] = units[unit + 1] ?? [second, '']
  const rest = Math.floor((whole % length) / smaller)
  return `${Math.floor(whole / length)} ${name}${rest > 0 ? ` ${rest} ${smallerName}` : ''}`
}

/** Exactly, as a clock that runs down: `9:59.650`, `1:02:03.000`. */
export function countdown(millis: number): string {
  const rest = Math.max(0, Math.ceil(millis))
  const [hours, minutes] = [Math.floor(rest / hour), Math.floor((rest % hour) / minute)]
  const seconds = ((rest % minute) / second).toFixed(3).padStart(6, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`
}

/** A span with its sign: `+8 min 25 s`, `−16 min 1 s`. */
export const signed = (millis: number): string => `${millis < 0 ? '−' : '+'}${span(millis)}`

/** The time of day of an ISO instant, to the millisecond. */
export const timeOf = (instant: string): string => instant.slice(11, 23)

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** An ISO instant with its day: `25 Nov 02:18:33.766`. */
export const dayAndTime = (instant: string): string =>
  `${Number(instant.slice(8, 10))} ${months[Number(instant.slice(5, 7)) - 1]} ${timeOf(instant)}`

/** A count with its noun: `1 device`, `2 devices`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${grouped(count)} ${count === 1 ? one : many}`

/** As a line of its own begins. */
export const capital = (text: string): string => `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`

/** Digits in threes: `12,582,912`. */
export const grouped = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',')

/** How long something took, in milliseconds, to the first digit that says something. */
export const took = (millis: number): string => (millis < 99.95 ? millis.toFixed(1) : grouped(Math.round(millis)))
