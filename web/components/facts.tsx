import type { ReactNode } from 'react'
import classes from './facts.module.css'

type Props = {
  readonly items: readonly (readonly [name: string, value: ReactNode])[]
  /** Lines with the values at their end, for figures that are compared. */
  readonly isLedger?: boolean
}

/** Names and values; what has no value is left out. */
export function Facts({ items, isLedger = false }: Props) {
  return (
    <dl className={isLedger ? classes.ledger : classes.facts}>
      {items
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}
