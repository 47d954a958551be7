import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './tag.module.css'

export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad'

type Props = {
  readonly tone: Tone
  readonly icon?: LucideIcon
  readonly isOutline?: boolean
  readonly children: ReactNode
}

/** A short fact with a meaning: the icon and the words say it, the colour only repeats it. */
export function Tag({ tone, icon: Icon, isOutline = false, children }: Props) {
  return (
    <span className={`${classes.tag} ${classes[tone]} ${isOutline ? classes.outline : ''}`}>
      {Icon === undefined ? null : <Icon size={14} strokeWidth={2.2} aria-hidden />}
      <span>{children}</span>
    </span>
  )
}
