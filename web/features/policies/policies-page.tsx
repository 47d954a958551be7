'use client'
import { Anchor, Button, Modal, Skeleton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Pencil } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { PageMessages } from '../../components/page-messages.tsx'
import { Panel } from '../../components/panel.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import english from '../../messages/policies.en.json' with { type: 'json' }
import { policyKeys, readPolicy } from './api.ts'
import { EditForm } from './edit-form.tsx'
import { History } from './history.tsx'
import classes from './policies.module.css'
import { Served } from './served.tsx'

const readHindi = () => import('../../messages/policies.hi.json').then((file) => file.default)

/** The numbers and rules that decide, what they were, and their change. */
export function PoliciesPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'ai:read') || !may(me.data, 'analytics:read')) return <Forbidden permission="analytics:read" />
  return (
    <PageMessages part="policies" english={english} readHindi={readHindi}>
      <Policies mayChange={may(me.data, 'policies:change')} mayKeep={may(me.data, 'privacy:manage')} />
    </PageMessages>
  )
}

function Policies({ mayChange, mayKeep }: { mayChange: boolean; mayKeep: boolean }) {
  const t = useTranslations('policies')
  const common = useTranslations('common')
  const [isEditing, editing] = useDisclosure(false)
  const policy = useQuery({ queryKey: policyKeys.all, queryFn: ({ signal }) => readPolicy(signal) })
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')}>
        {mayChange ? (
          <Button
            leftSection={<Pencil size={18} aria-hidden />}
            disabled={policy.data === undefined}
            onClick={editing.open}
          >
            {t('change')}
          </Button>
        ) : null}
      </PageHead>
      <div className={classes.page}>
        <DataRegion query={policy} skeleton={<Skeleton height={420} radius="md" />}>
          {(shown) => (
            <>
              <Served policy={shown} />
              <Modal
                opened={isEditing}
                onClose={editing.close}
                size="xl"
                title={t('changeTitle', { version: shown.version + 1 })}
                closeButtonProps={{ 'aria-label': common('close') }}
              >
                <EditForm policy={shown} onDone={editing.close} />
              </Modal>
            </>
          )}
        </DataRegion>
        <History />
        {mayKeep ? (
          <Panel title={t('retention')}>
            <p className={classes.says}>{t('retentionText')}</p>
            <Anchor component={Link} href="/privacy" underline="always">
              {t('retentionLink')}
            </Anchor>
          </Panel>
        ) : null}
      </div>
    </>
  )
}
