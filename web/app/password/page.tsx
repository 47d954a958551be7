import type { Metadata } from 'next'
import { PasswordPage } from '../../features/session/password-page.tsx'

export const metadata: Metadata = { title: 'Password' }

export default function Page() {
  return <PasswordPage />
}
