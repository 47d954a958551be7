'use client'
import { Button, Menu } from '@mantine/core'
import { CircleCheck, CircleOff, KeyRound, LogOut, Mail, MoreHorizontal, Pencil, ShieldOff } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag } from '../../components/tag.tsx'
import { useClients, useHubs } from '../../lib/places.ts'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { type User, userKeys } from './api.ts'
import classes from './users.module.css'

type Props = { readonly user: User; readonly isOwn: boolean; readonly onChange: () => void }

export function UserRow({ user, isOwn, onChange }: Props) {
  const t = useTranslations()
  const tell = useTell()
  const hubs = useHubs().data ?? []
  const clients = useClients().data ?? []
  const command = useCommand<null>([userKeys.all])
  const run = (method: 'POST' | 'DELETE', path: string, done: string) =>
    command.mutate({ method, path: `/api/users/${user.id}/${path}` }, { onSuccess: () => tell.done(done) })
  const namesOf = (ids: readonly string[], all: readonly { id: string; name: string }[]) =>
    ids.map((id) => all.find((one) => one.id === id)?.name ?? id).join(', ')
  const places = [
    user.hubIds.length === 0
      ? null
      : namesOf(
          user.hubIds,
          hubs.map(({ id, code }) => ({ id, name: code })),
        ),
    user.clientIds.length === 0 ? null : namesOf(user.clientIds, clients),
  ].filter((one) => one !== null)
  return (
    <li className={classes.row}>
      <div className={classes.who}>
        <span className={classes.name}>
          {user.name}
          {isOwn ? ` (${t('access.you')})` : ''}
        </span>
        <span className={classes.soft}>{user.email}</span>
        <span className={classes.soft}>{[t(`role.${user.role}`), ...places].join(' · ')}</span>
      </div>
      <div className={classes.marks}>
        {user.isActive ? (
          <Tag tone="good" icon={CircleCheck}>
            {user.hasPassword ? t('access.active') : t('access.invited')}
          </Tag>
        ) : (
          <Tag tone="bad" icon={CircleOff}>
            {t('access.off')}
          </Tag>
        )}
        {user.hasSecondFactor ? <Tag tone="info">{t('access.secondFactor')}</Tag> : null}
      </div>
      <div className={classes.acts}>
        <Button variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={onChange}>
          {t('access.change')}
          <span className={classes.hidden}> {user.name}</span>
        </Button>
        <Menu position="bottom-end">
          <Menu.Target>
            <Button variant="subtle" aria-label={t('access.moreFor', { name: user.name })} loading={command.isPending}>
              <MoreHorizontal size={20} aria-hidden />
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {user.hasPassword ? (
              <Menu.Item
                leftSection={<KeyRound size={16} aria-hidden />}
                onClick={() => run('POST', 'password-reset', t('access.resetDone'))}
              >
                {t('access.reset')}
              </Menu.Item>
            ) : (
              <Menu.Item
                leftSection={<Mail size={16} aria-hidden />}
                onClick={() => run('POST', 'invitation', t('access.inviteDone'))}
              >
                {t('access.inviteAgain')}
              </Menu.Item>
            )}
            <Menu.Item
              leftSection={<LogOut size={16} aria-hidden />}
              onClick={() => run('DELETE', 'sessions', t('access.endDone'))}
            >
              {t('access.end')}
            </Menu.Item>
            {user.hasSecondFactor && !isOwn ? (
              <Menu.Item
                leftSection={<ShieldOff size={16} aria-hidden />}
                onClick={() => run('DELETE', 'second-factor', t('access.secondGone'))}
              >
                {t('access.secondOff')}
              </Menu.Item>
            ) : null}
          </Menu.Dropdown>
        </Menu>
      </div>
      {command.isError ? <ProblemNote error={command.error} /> : null}
    </li>
  )
}
