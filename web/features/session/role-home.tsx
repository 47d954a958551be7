'use client'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { homeOf, useMe } from '../../lib/session.ts'

/** Sends everybody to where their work begins. */
export function RoleHome() {
  const me = useMe()
  const router = useRouter()
  const role = me.data?.role
  useEffect(() => {
    if (role !== undefined) router.replace(homeOf(role))
  }, [role, router])
  return null
}
