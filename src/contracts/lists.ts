/** What a list is asked for, after the gateway has parsed and checked it. */
export type FilterOperator = 'eq' | 'in' | 'gte' | 'gt' | 'lte' | 'lt' | 'contains'
export type Filter = { readonly field: string; readonly operator: FilterOperator; readonly values: readonly string[] }
export type Sort = { readonly field: string; readonly direction: 'asc' | 'desc' }

export type ListQuery = {
  readonly filters: readonly Filter[]
  readonly sort: readonly Sort[]
  readonly limit: number
  /** Sort values and id of the last row of the page before; null for the first page. */
  readonly after: readonly (string | null)[] | null
  readonly total: 'none' | 'estimate' | 'exact'
  /** What the rows show besides; a list that offers nothing has none. */
  readonly include?: readonly string[]
}

export type ListPage<T> = {
  readonly data: readonly T[]
  readonly next: readonly (string | null)[] | null
  readonly total?: number
}

export type FieldKind = 'text' | 'code' | 'id' | 'time' | 'number' | 'boolean'

/** Which fields a list can be filtered and sorted by. The gateway refuses any other, naming the nearest. */
export type ListFields = Readonly<
  Record<string, { readonly kind: FieldKind; readonly isSortable: boolean; readonly values?: readonly string[] }>
>
