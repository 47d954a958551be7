'use client'
import { useTranslations } from 'use-intl'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { FindPanel } from './find-panel.tsx'
import classes from './privacy.module.css'
import { RetentionPanel } from './retention-panel.tsx'

/** Rights of persons, and how long data are kept. */
export function PrivacyPage() {
  const t = useTranslations('privacy')
  const me = useMe()
  if (me.data === undefined) return null
  if (!may(me.data, 'privacy:manage')) return <Forbidden permission="privacy:manage" />
  return (
    <div className={classes.page}>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <FindPanel />
      <RetentionPanel />
    </div>
  )
}
