import type { Metadata } from 'next'
import { Suspense } from 'react'
import { EsgPage } from '../../../features/esg/esg-page.tsx'

export const metadata: Metadata = { title: 'ESG' }

export default function Page() {
  return (
    <Suspense>
      <EsgPage />
    </Suspense>
  )
}
