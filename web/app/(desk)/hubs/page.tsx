import type { Metadata } from 'next'
import { BoardPage } from '../../../features/hubs/board-page.tsx'

export const metadata: Metadata = { title: 'Hubs' }

export default function Page() {
  return <BoardPage />
}
