import type { Metadata } from 'next'
import { AccountMenu } from '../../../features/session/account-menu.tsx'
import { StationPage } from '../../../features/station/station-page.tsx'

export const metadata: Metadata = { title: 'Station' }

export default function Page() {
  return <StationPage account={<AccountMenu />} />
}
