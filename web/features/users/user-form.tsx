'use client'
import { Button, Group, MultiSelect, Select, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { roles } from '../../../src/contracts/code-lists.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useClients, useHubs } from '../../lib/places.ts'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { type User, userKeys } from './api.ts'

/** A list of a dialog belongs to it, also for who hears the page. */
const inDialog = { withinPortal: false }

type Props = { readonly user: User | null; readonly isOwn: boolean; readonly onDone: () => void }

/** A new person is invited by letter; of one who is there, what they may and where. Own rights are changed by another. */
export function UserForm({ user, isOwn, onDone }: Props) {
  const t = useTranslations()
  const tell = useTell()
  const hubs = useHubs()
  const clients = useClients()
  const save = useCommand<User>([userKeys.all])
  const form = useForm({
    initialValues: {
      email: user?.email ?? '',
      name: user?.name ?? '',
      role: user?.role ?? 'worker',
      hubIds: [...(user?.hubIds ?? [])],
      clientIds: [...(user?.clientIds ?? [])],
      isActive: user?.isActive ?? true,
    },
    validate: {
      email: (value) => (/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value.trim()) ? null : t('access.needEmail')),
      name: (value) => (value.trim() === '' ? t('access.needName') : null),
    },
  })
  const submit = form.onSubmit(({ email, name, role, hubIds, clientIds, isActive }) => {
    const rights = isOwn ? {} : { role, hubIds, clientIds }
    const write =
      user === null
        ? ({
            method: 'POST',
            path: '/api/users',
            body: { email: email.trim(), name: name.trim(), role, hubIds, clientIds },
          } as const)
        : ({
            method: 'PUT',
            path: `/api/users/${user.id}`,
            body: { name: name.trim(), ...rights, ...(isOwn ? {} : { isActive }) },
            ifVersion: user.version,
          } as const)
    save.mutate(write, {
      onSuccess: () => {
        tell.done(user === null ? t('access.inviteDone') : t('access.saved'))
        onDone()
      },
    })
  })
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t('access.email')}
          type="email"
          autoComplete="off"
          maxLength={254}
          disabled={user !== null}
          {...form.getInputProps('email')}
        />
        <TextInput label={t('access.name')} autoComplete="off" maxLength={200} {...form.getInputProps('name')} />
        {isOwn ? null : (
          <>
            <Select
              label={t('access.role')}
              allowDeselect={false}
              comboboxProps={inDialog}
              data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
              {...form.getInputProps('role')}
            />
            <MultiSelect
              label={t('access.hubs')}
              description={t('access.hubsHint')}
              searchable
              comboboxProps={inDialog}
              data={(hubs.data ?? []).map(({ id, code, name }) => ({ value: id, label: `${code} · ${name}` }))}
              {...form.getInputProps('hubIds')}
            />
            <MultiSelect
              label={t('access.clients')}
              description={t('access.clientsHint')}
              searchable
              comboboxProps={inDialog}
              data={(clients.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
              {...form.getInputProps('clientIds')}
            />
            {user === null ? null : (
              <Switch label={t('access.mayComeIn')} {...form.getInputProps('isActive', { type: 'checkbox' })} />
            )}
          </>
        )}
        {save.isError ? <ProblemNote error={save.error} /> : null}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {user === null ? t('access.sendInvitation') : t('common.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
