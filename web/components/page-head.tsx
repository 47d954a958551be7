import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './page-head.module.css'

export function PageHead({ title, subtitle, children }: { title: string; subtitle?: string; children?: ReactNode }) {
  return (
    <div className={classes.head}>
      <div className={classes.words}>
        <Title order={1}>{title}</Title>
        {subtitle === undefined ? null : <p>{subtitle}</p>}
      </div>
      {children === undefined || children === null ? null : (
        <div className={classes.actions} data-page-actions>
          {children}
        </div>
      )}
    </div>
  )
}
