import { type ReactNode, Suspense } from 'react'
import { Shell } from '../../components/shell.tsx'
import { Keys } from '../../features/palette/keys.tsx'
import { ReturnSearch } from '../../features/returns/return-search.tsx'
import { AccountMenu } from '../../features/session/account-menu.tsx'
import { SignedIn } from '../../features/session/guard.tsx'

/** Everything behind the login. */
export default function DeskLayout({ children }: { children: ReactNode }) {
  return (
    <Shell search={<ReturnSearch />} account={<AccountMenu />} keys={<Keys />}>
      <SignedIn>
        <Suspense>{children}</Suspense>
      </SignedIn>
    </Shell>
  )
}
