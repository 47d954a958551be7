'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/admin.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/admin.hi.json').then((file) => file.default)

/** Words of where an administrator's day begins. */
export function AdminMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="admin" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
