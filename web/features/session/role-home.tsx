'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { homeOf, useMe } from '../../lib/session.ts'

/** Sends everybody to where their work begins. */
export function RoleHome() {
  const me = useMe()
  const router = useRouter()
  const home = me.data === undefined ? undefined : homeOf(me.data)
  useEffect(() => {
    if (home !== undefined) router.replace(home)
  }, [home, router])
  return null
}
