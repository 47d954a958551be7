import type { Metadata } from 'next'
import { NewReturnPage } from '../../../../features/returns/new-return-page.tsx'

export const metadata: Metadata = { title: 'New return' }

export default function Page() {
  return <NewReturnPage />
}
