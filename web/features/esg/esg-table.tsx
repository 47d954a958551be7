'use client'
import { useTranslations } from 'use-intl'
import classes from '../analytics/analytics.module.css'

type Props = {
  readonly label: string
  readonly heads: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const isFigure = (cell: string) => cell === '' || /^[\d\u2212\u20B9]/.test(cell)

/** Names in the first column, figures in the others; scrolls where the screen is narrow. */
export function EsgTable({ label, heads, rows }: Props) {
  const t = useTranslations('analytics')
  const isWords = heads.map((_, i) => i > 0 && rows.some((row) => !isFigure(row[i] ?? '')))
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('tableOf', { name: label })}>
      <table className={classes.table}>
        <thead>
          <tr>
            {heads.map((head, i) => (
              <th key={head} scope="col" className={isWords[i] === true ? classes.words : undefined}>
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, ...cells]) => (
            <tr key={[name, ...cells].join('|')}>
              <th scope="row">{name}</th>
              {cells.map((cell, i) => (
                <td key={heads[i + 1]} className={isWords[i + 1] === true ? classes.words : 'num'}>
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
