import type { Metadata } from 'next'
import { HubPage } from '../../../../features/hubs/hub-page.tsx'

export const metadata: Metadata = { title: 'Hub' }

/** Served for every `/hubs/{id}` (next.config.mts). */
export default function Page() {
  return <HubPage />
}
