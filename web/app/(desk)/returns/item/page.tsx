import type { Metadata } from 'next'
import { QualityCheckForm } from '../../../../features/quality/check-form.tsx'
import { QualityPanel } from '../../../../features/quality/quality-panel.tsx'
import { ReturnPage } from '../../../../features/returns/return-page.tsx'

export const metadata: Metadata = { title: 'Return' }

/** Served for every `/returns/{id}` (next.config.ts). */
export default function Page() {
  return <ReturnPage CheckForm={QualityCheckForm} QualityPanel={QualityPanel} />
}
