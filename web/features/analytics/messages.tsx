'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/analytics.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/analytics.hi.json').then((file) => file.default)

export function AnalyticsMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="analytics" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
