'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/jobs.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/jobs.hi.json').then((file) => file.default)

/** Words of jobs and dead letters. */
export function JobMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="jobs" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
