'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/hubs.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/hubs.hi.json').then((file) => file.default)

/** Words of the hubs. */
export function HubMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="hubs" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
