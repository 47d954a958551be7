'use client'
import { Button, CopyButton, Group, Modal, Skeleton, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { KeyRound, Plus } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { AccessMessages } from '../users/messages.tsx'
import users from '../users/users.module.css'
import { apiKeyKeys, readApiKeys } from './api.ts'
import { KeyRow } from './key-row.tsx'
import classes from './keys.module.css'
import { NewKeyForm } from './new-key-form.tsx'

/** Keys of programs: made for one client, with what they may do; the text is shown once. */
export function KeysPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'keys:manage')) return <Forbidden permission="keys:manage" />
  return (
    <AccessMessages>
      <Keys />
    </AccessMessages>
  )
}

function Keys() {
  const t = useTranslations('access')
  const common = useTranslations('common')
  const [isMaking, making] = useDisclosure(false)
  const [shown, setShown] = useState<string | null>(null)
  const keys = useQuery({ queryKey: apiKeyKeys.all, queryFn: ({ signal }) => readApiKeys(signal) })
  return (
    <>
      <PageHead title={t('keys')} subtitle={t('keysSubtitle')}>
        <Button leftSection={<Plus size={18} aria-hidden />} onClick={making.open}>
          {t('newKey')}
        </Button>
      </PageHead>
      {shown === null ? null : (
        <div className={classes.shown}>
          <Panel title={t('keyShown')} mark="accent">
            <Text role="status" mb="sm">
              {t('keyShownText')}
            </Text>
            <p className={`code ${classes.text}`} data-testid="key">
              {shown}
            </p>
            <Group>
              <CopyButton value={shown}>
                {({ copied, copy }) => (
                  <Button variant="default" onClick={copy}>
                    {copied ? common('copied') : common('copy')}
                  </Button>
                )}
              </CopyButton>
              <Button onClick={() => setShown(null)}>{t('keyKept')}</Button>
            </Group>
          </Panel>
        </div>
      )}
      <Panel title={t('keys')}>
        <DataRegion
          query={keys}
          skeleton={<Skeleton height={180} radius="md" />}
          isEmpty={(rows) => rows.length === 0}
          empty={
            <div className={classes.empty}>
              <KeyRound size={36} strokeWidth={1.6} aria-hidden />
              <p>{t('noKeys')}</p>
            </div>
          }
        >
          {(rows) => (
            <ul className={users.list}>
              {rows.map((key) => (
                <KeyRow key={key.id} apiKey={key} onText={setShown} />
              ))}
            </ul>
          )}
        </DataRegion>
      </Panel>
      <Modal
        opened={isMaking}
        onClose={making.close}
        title={t('newKey')}
        size="lg"
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <NewKeyForm
          onMade={(text) => {
            making.close()
            setShown(text)
          }}
        />
      </Modal>
    </>
  )
}
