import type { Metadata } from 'next'
import { ReturnsPage } from '../../../features/returns/returns-page.tsx'

export const metadata: Metadata = { title: 'Returns' }

export default function Page() {
  return <ReturnsPage />
}
