'use client'
import { useTranslations } from 'use-intl'
import { PageHead } from '../../components/page-head.tsx'
import { useMe } from '../../lib/session.ts'
import classes from './account.module.css'
import { PasswordPanel } from './password-panel.tsx'
import { SecondFactorPanel } from './second-factor-panel.tsx'
import { SessionsPanel } from './sessions-panel.tsx'

/** What a person keeps of the own login. */
export function AccountPage() {
  const t = useTranslations()
  const me = useMe()
  if (me.data === undefined) return null
  return (
    <>
      <PageHead title={t('account.title')} subtitle={`${me.data.name} · ${t(`role.${me.data.role}`)}`} />
      <div className={classes.page}>
        <SessionsPanel />
        <SecondFactorPanel />
        <PasswordPanel email={me.data.email ?? ''} />
      </div>
    </>
  )
}
