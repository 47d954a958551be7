'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleAlert, CircleCheck } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import classes from './admin.module.css'
import type { Finding } from './watches.ts'

type Props<T> = {
  readonly name: string
  readonly href: string | undefined
  readonly queryKey: readonly unknown[]
  readonly read: (signal: AbortSignal) => Promise<T>
  readonly judge: (found: T) => Finding
}

const everyMs = 30_000

/** One thing that is watched: how it is, in words and by a mark, and the page where more stands. */
export function WatchRow<T>({ name, href, queryKey, read, judge }: Props<T>) {
  const t = useTranslations('admin')
  const query = useQuery({ queryKey, queryFn: ({ signal }) => read(signal), refetchInterval: everyMs })
  return (
    <li className={classes.row}>
      {href === undefined ? (
        <span className={classes.name}>{name}</span>
      ) : (
        <Link href={href} className={classes.name}>
          {name}
        </Link>
      )}
      <div>
        <DataRegion query={query} skeleton={<Skeleton height={24} />}>
          {(found) => {
            const { words, values, needsLook } = judge(found)
            const Mark = needsLook ? CircleAlert : CircleCheck
            return (
              <div className={classes.finding} data-look={needsLook}>
                <Mark size={20} role="img" aria-label={t(needsLook ? 'look' : 'well')} />
                <span>{t(words as 'deadWell', values)}</span>
              </div>
            )
          }}
        </DataRegion>
      </div>
    </li>
  )
}
