'use client'
import { Skeleton, Stack } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { Forbidden } from '../../components/forbidden.tsx'
import { placesOf } from '../../components/nav.ts'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { read } from '../../lib/api.ts'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { may } from '../../lib/permissions.ts'
import { type Me, useMe } from '../../lib/session.ts'
import { useNow } from '../../lib/use-now.ts'
import { auditKeys, readCheckpoints } from '../audit/api.ts'
import { jobKeys, readDeadLetters, readJobs } from '../jobs/api.ts'
import { apiKeyKeys, readApiKeys } from '../keys/api.ts'
import { readWebhooks, webhookKeys } from '../webhooks/api.ts'
import classes from './admin.module.css'
import { AdminMessages } from './messages.tsx'
import { WatchRow } from './watch-row.tsx'
import { type Health, judgeDead, judgeEngines, judgeJobs, judgeKeys, judgeLog, judgeWebhooks } from './watches.ts'

const administered = new Set([
  '/users',
  '/keys',
  '/webhooks',
  '/integrations',
  '/developers',
  '/policies',
  '/models',
  '/jobs',
  '/privacy',
  '/audit',
])

/** Where an administrator's day begins: what needs a look, and the places where it is changed. */
export function AdminPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'jobs:manage')) return <Forbidden permission="jobs:manage" />
  return (
    <AdminMessages>
      <Administration me={me.data} />
    </AdminMessages>
  )
}

function Administration({ me }: { me: Me }) {
  const t = useTranslations('admin')
  const nav = useTranslations('nav')
  const { language } = useLanguage()
  const now = useNow() ?? 0
  const places = placesOf(me).filter(({ href }) => administered.has(href))
  const when = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <Stack gap="lg">
        <Panel title={t('watched')}>
          <ul className={classes.list}>
            <WatchRow
              name={t('engines')}
              href={places.find(({ href }) => href === '/integrations')?.href}
              queryKey={['health']}
              read={(signal) => read<Health>('/api/health', signal)}
              judge={judgeEngines}
            />
            <WatchRow
              name={t('failedJobs')}
              href="/jobs"
              queryKey={jobKeys.newest}
              read={(signal) => readJobs(null, null, signal)}
              judge={({ data }) => judgeJobs(data, when)}
            />
            <WatchRow name={t('dead')} href="/jobs" queryKey={jobKeys.dead} read={readDeadLetters} judge={judgeDead} />
            <WatchRow
              name={t('webhooks')}
              href="/webhooks"
              queryKey={webhookKeys.all}
              read={readWebhooks}
              judge={judgeWebhooks}
            />
            <WatchRow
              name={t('keys')}
              href="/keys"
              queryKey={apiKeyKeys.all}
              read={readApiKeys}
              judge={(keys) => judgeKeys(keys, now, when)}
            />
            {may(me, 'audit:read') ? (
              <WatchRow
                name={t('log')}
                href="/audit"
                queryKey={auditKeys.checkpoints}
                read={readCheckpoints}
                judge={(log) => judgeLog(log, now, when)}
              />
            ) : null}
          </ul>
        </Panel>
        <Panel title={t('places')}>
          <ul className={classes.places}>
            {places.map(({ href, icon: Icon, name }) => (
              <li key={href}>
                <Link href={href} className={classes.place}>
                  <Icon size={20} aria-hidden />
                  {nav(name)}
                </Link>
              </li>
            ))}
          </ul>
        </Panel>
      </Stack>
    </>
  )
}
