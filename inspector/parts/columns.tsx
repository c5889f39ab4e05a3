interface ColumnsProps {
  /** Of the columns; empty for the one with what can be done. */
  readonly names: readonly string[]
  /** Those with figures. */
  readonly figures?: readonly string[]
}

/** The head of a table. */
export const Columns = ({ names, figures = [] }: ColumnsProps) => (
  <thead>
    <tr>
      {names.map((name) => (
        <th key={name} scope="col" class={figures.includes(name) ? 'number' : ''}>
          {name || <span class="aloud">What to do</span>}
        </th>
      ))}
    </tr>
  </thead>
)
