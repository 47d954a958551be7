import type { Metadata } from 'next'
import { Suspense } from 'react'
import { ImportsPage } from '../../../features/imports/imports-page.tsx'

export const metadata: Metadata = { title: 'Import' }

export default function Page() {
  return (
    <Suspense>
      <ImportsPage />
    </Suspense>
  )
}
