'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/access.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/access.hi.json').then((file) => file.default)

/** Words of users and keys. */
export function AccessMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="access" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
