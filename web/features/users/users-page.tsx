'use client'
import { Button, Modal, Skeleton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { readUsers, userKeys } from './api.ts'
import { AccessMessages } from './messages.tsx'
import { UserForm } from './user-form.tsx'
import { UserRow } from './user-row.tsx'
import classes from './users.module.css'

/** Who may come in, as what, and where. */
export function UsersPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'users:manage')) return <Forbidden permission="users:manage" />
  return (
    <AccessMessages>
      <Users ownId={me.data.id} />
    </AccessMessages>
  )
}

function Users({ ownId }: { ownId: string }) {
  const t = useTranslations('access')
  const common = useTranslations('common')
  const [isMaking, making] = useDisclosure(false)
  const [changedId, setChangedId] = useState<string | null>(null)
  const users = useQuery({ queryKey: userKeys.all, queryFn: ({ signal }) => readUsers(signal) })
  const changed = users.data?.find(({ id }) => id === changedId) ?? null
  const close = { 'aria-label': common('close') }
  return (
    <>
      <PageHead title={t('users')} subtitle={t('usersSubtitle')}>
        <Button leftSection={<UserPlus size={18} aria-hidden />} onClick={making.open}>
          {t('invite')}
        </Button>
      </PageHead>
      <Panel title={t('people')}>
        <DataRegion query={users} skeleton={<Skeleton height={240} radius="md" />}>
          {(rows) => (
            <ul className={classes.list}>
              {rows.map((user) => (
                <UserRow key={user.id} user={user} isOwn={user.id === ownId} onChange={() => setChangedId(user.id)} />
              ))}
            </ul>
          )}
        </DataRegion>
      </Panel>
      <Modal opened={isMaking} onClose={making.close} title={t('invite')} size="lg" closeButtonProps={close}>
        <UserForm user={null} isOwn={false} onDone={making.close} />
      </Modal>
      <Modal
        opened={changed !== null}
        onClose={() => setChangedId(null)}
        title={t('change')}
        size="lg"
        closeButtonProps={close}
      >
        {changed === null ? null : (
          <UserForm
            key={`${changed.id} ${changed.version}`}
            user={changed}
            isOwn={changed.id === ownId}
            onDone={() => setChangedId(null)}
          />
        )}
      </Modal>
    </>
  )
}
