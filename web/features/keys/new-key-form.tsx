'use client'
import { Button, Checkbox, Group, NumberInput, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { keyScopes } from '../../../src/contracts/key-scopes.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useClients } from '../../lib/places.ts'
import { useCommand } from '../../lib/use-command.ts'
import { apiKeyKeys, type ApiKeyWithText } from './api.ts'
import classes from './keys.module.css'

const daysMax = 365

export function NewKeyForm({ onMade }: { onMade: (text: string) => void }) {
  const t = useTranslations('access')
  const clients = useClients()
  const make = useCommand<ApiKeyWithText>([apiKeyKeys.all])
  const form = useForm({
    initialValues: {
      name: '',
      clientId: '',
      environment: 'live',
      scopes: ['returns:create', 'returns:read'] as string[],
      expiresInDays: '90',
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('needKeyName') : null),
      clientId: (value) => (value === '' ? t('needClient') : null),
      scopes: (value) => (value.length === 0 ? t('needScopes') : null),
      expiresInDays: (value) => (Number(value) >= 1 && Number(value) <= daysMax ? null : t('needDays')),
    },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ name, clientId, environment, scopes, expiresInDays }) =>
        make.mutate(
          {
            method: 'POST',
            path: '/api/api-keys',
            body: { name: name.trim(), clientId, environment, scopes, expiresInDays: Number(expiresInDays) },
          },
          { onSuccess: ({ key }) => onMade(key) },
        ),
      )}
    >
      <Stack gap="md">
        <TextInput label={t('keyName')} maxLength={120} autoComplete="off" {...form.getInputProps('name')} />
        <Select
          label={t('client')}
          data={(clients.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          searchable
          comboboxProps={{ withinPortal: false }}
          {...form.getInputProps('clientId')}
        />
        <SegmentedControl
          aria-label={t('environment')}
          data={[
            { value: 'live', label: t('live') },
            { value: 'test', label: t('test') },
          ]}
          {...form.getInputProps('environment')}
        />
        <Checkbox.Group label={t('scopes')} {...form.getInputProps('scopes')}>
          <div className={classes.scopes}>
            {keyScopes.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} />
            ))}
          </div>
        </Checkbox.Group>
        <NumberInput
          label={t('days')}
          min={1}
          max={daysMax}
          allowDecimal={false}
          {...form.getInputProps('expiresInDays')}
        />
        {make.isError ? <ProblemNote error={make.error} /> : null}
        <Group>
          <Button type="submit" loading={make.isPending}>
            {t('makeKey')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
