'use client'
import type { ReactNode } from 'react'
import { PageMessages } from '../../components/page-messages.tsx'
import english from '../../messages/imports.en.json' with { type: 'json' }

const readHindi = () => import('../../messages/imports.hi.json').then((file) => file.default)

/** Words of the import of files. */
export function ImportMessages({ children }: { children: ReactNode }) {
  return (
    <PageMessages part="imports" english={english} readHindi={readHindi}>
      {children}
    </PageMessages>
  )
}
