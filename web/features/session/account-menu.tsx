'use client'
import { Avatar, Menu, Text, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { LogOut, UserRoundCog } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { useMe } from '../../lib/session.ts'
import { signOut } from './api.ts'

export function AccountMenu() {
  const t = useTranslations()
  const me = useMe()
  const queries = useQueryClient()
  const router = useRouter()
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: () => {
      queries.clear()
      router.replace('/login')
    },
  })
  if (me.data === undefined) return null
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton style={{ borderRadius: 22, padding: 4 }}>
          <Avatar
            aria-hidden
            styles={{ placeholder: { background: 'var(--sr-accent-ground)', color: 'var(--sr-accent)' } }}
            name={me.data.name}
            radius="xl"
            size={36}
          />
          <VisuallyHidden>
            {t('top.account')}: {me.data.name}
          </VisuallyHidden>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: '8px 12px 10px' }}>
          <Text fw={600}>{me.data.name}</Text>
          <Text size="sm" c="dimmed">
            {t(`role.${me.data.role}`)}
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} href="/account" prefetch={false} leftSection={<UserRoundCog size={16} />}>
          {t('account.title')}
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={16} />} onClick={() => leave.mutate()}>
          {t('top.signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
