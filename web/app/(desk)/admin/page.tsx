import type { Metadata } from 'next'
import { AdminPage } from '../../../features/admin/admin-page.tsx'

export const metadata: Metadata = { title: 'Administration' }

export default function Page() {
  return <AdminPage />
}
