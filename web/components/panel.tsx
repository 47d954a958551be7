import { Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { nextStepAttribute } from '../lib/next-step.ts'
import classes from './panel.module.css'

type Props = {
  readonly title: string
  readonly aside?: ReactNode
  readonly mark?: 'accent' | 'warn'
  readonly children: ReactNode
}

/** A titled region of a page. */
export function Panel({ title, aside, mark, children }: Props) {
  const id = useId()
  return (
    <section
      className={`${classes.panel} ${mark === undefined ? '' : classes[mark]}`}
      aria-labelledby={id}
      {...(mark === undefined ? {} : { [nextStepAttribute]: true, tabIndex: -1 })}
    >
      <div className={classes.head}>
        <Title order={2} id={id}>
          {title}
        </Title>
        {aside === undefined ? null : <div className={classes.aside}>{aside}</div>}
      </div>
      {children}
    </section>
  )
}
