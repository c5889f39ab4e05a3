/** How sure we are that the real service behaves so. */
export type Standing = 'documented' | 'inferred' | 'assumed'

/** What a statement is about, where that is more than the operations whose contracts cite it. */
export type Concern = 'every operation' | 'uploads' | 'the control plane' | 'the gateway in front'

/** One thing that is said of the backup API, under an id that contracts, reasons and tests cite. */
export interface Statement {
  readonly standing: Standing
  readonly sentence: string
  readonly concerns?: Concern
  /** Why no test can show it; tests show all others. */
  readonly untestable?: string
}
