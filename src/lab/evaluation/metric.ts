/** One line of the table of measures. `met` is null where no bar is set. */
export type Metric = {
  readonly name: string
  readonly value: number | null
  readonly bar: string | null
  readonly met: boolean | null
  /** What it is measured on, or why there is no value. */
  readonly note: string
}

export type Bar = { readonly most?: number; readonly least?: number }

/** A measured line. What could not be measured (NaN) never meets its bar. */
export function metric(name: string, value: number, bar: Bar | null, note: string): Metric {
  const text = bar === null ? null : barText(bar)
  if (Number.isNaN(value)) return { name, value: null, bar: text, met: bar === null ? null : false, note }
  const met =
    bar === null
      ? null
      : value <= (bar.most ?? Number.POSITIVE_INFINITY) && value >= (bar.least ?? Number.NEGATIVE_INFINITY)
  return { name, value, bar: text, met, note }
}

function barText({ most, least }: Bar): string {
  if (most !== undefined && least !== undefined) return `${least}..${most}`
  return most === undefined ? `>= ${least}` : `<= ${most}`
}

/** The table as text, one metric a line. */
export function metricLines(metrics: readonly Metric[]): string[] {
  const width = Math.max(...metrics.map(({ name }) => name.length))
  return metrics.map(({ name, value, bar, met, note }) => {
    const number = value === null ? 'not measured' : Number(value.toPrecision(4)).toString()
    const verdict = met === null ? '' : met ? 'met' : 'MISSED'
    return `${name.padEnd(width)}  ${number.padStart(12)}  ${(bar ?? '').padEnd(11)}  ${verdict.padEnd(6)}  ${note}`
  })
}
