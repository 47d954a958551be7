import { type ReactNode, Suspense } from 'react'
import { SignedIn } from '../../features/session/guard.tsx'

/** The station has the whole screen: no rail, no search that would take the scanner's keys. */
export default function BenchLayout({ children }: { children: ReactNode }) {
  return (
    <SignedIn>
      <Suspense>{children}</Suspense>
    </SignedIn>
  )
}
