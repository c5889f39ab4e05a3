/** Several measurements of one thing. */
export interface Figure {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (place: number) => sorted[Math.floor(place)] ?? Number.NaN
  return {
    median: (at((sorted.length - 1) / 2) + at(sorted.length / 2)) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  }
}

export const median = (values: readonly number[]): number => figureOf(values).median

/** Three digits that count, thousands apart: 0.512, 4.53, 18.7, 1,240. */
export const written = (value: number): string =>
  value >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toLocaleString('en', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 })

export const writtenFigure = ({ median: middle, min, max }: Figure): string =>
  `${written(middle)} (${written(min)}–${written(max)})`
