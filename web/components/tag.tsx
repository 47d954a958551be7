import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './tag.module.css'

export type Tone = 'neutral' | 'info' | 'good' | 'warn' | 'bad'

/** A short fact with a meaning: the icon and the words say it, the colour only repeats it. */
export function Tag({ tone, icon: Icon, children }: { tone: Tone; icon?: LucideIcon; children: ReactNode }) {
  return (
    <span className={`${classes.tag} ${classes[tone]}`}>
      {Icon === undefined ? null : <Icon size={14} strokeWidth={2.2} aria-hidden />}
      <span>{children}</span>
    </span>
  )
}
