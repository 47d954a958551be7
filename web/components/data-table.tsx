import type { ReactNode } from 'react'
import classes from './data-table.module.css'

type Column = { readonly name: string; readonly isFigure?: boolean }
type Props = {
  readonly label: string
  readonly columns: readonly Column[]
  readonly rows: readonly { readonly id: string; readonly cells: readonly ReactNode[] }[]
}

/** A table whose rows are named by their first cell; it scrolls by itself where the screen is narrow. */
export function DataTable({ label, columns, rows }: Props) {
  const classOf = (i: number) => (columns[i]?.isFigure === true ? classes.figure : undefined)
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table}>
        <thead>
          <tr>
            {columns.map(({ name }, i) => (
              <th key={name} scope="col" className={classOf(i)}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ id, cells: [first, ...others] }) => (
            <tr key={id}>
              <th scope="row">{first}</th>
              {others.map((cell, i) => (
                <td key={columns[i + 1]?.name} className={classOf(i + 1)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
