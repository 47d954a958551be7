'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/station.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/station.hi.json').then((file) => file.default)

export function StationMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="station" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
