'use client'
import { Center, Loader } from '@mantine/core'
import { usePathname, useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { ProblemNote } from '../../components/problem-note.tsx'
import { ApiError } from '../../lib/api.ts'
import { useMe } from '../../lib/session.ts'

/** Pages behind the login: who is not signed in goes there and comes back. */
export function SignedIn({ children }: { children: ReactNode }) {
  const me = useMe()
  const router = useRouter()
  const path = usePathname()
  const isSignedOut = me.error instanceof ApiError && me.error.status === 401
  useEffect(() => {
    if (isSignedOut) router.replace(`/login?next=${encodeURIComponent(path + window.location.search)}`)
  }, [isSignedOut, path, router])
  if (me.data !== undefined) return children
  if (me.isError && !isSignedOut) return <ProblemNote error={me.error} onRetry={() => void me.refetch()} />
  return (
    <Center mih={320}>
      <Loader color="pine" type="dots" />
    </Center>
  )
}
