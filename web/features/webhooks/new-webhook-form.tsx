'use client'
import { Button, Checkbox, Group, Select, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { webhookEventTypes } from '../../../src/contracts/webhooks.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { webhookKeys, type WebhookWithSecret } from './api.ts'
import { useEventName } from './words.ts'

type Props = {
  readonly clients: readonly { readonly id: string; readonly name: string }[]
  readonly onMade: (webhook: WebhookWithSecret) => void
}

const everyone = 'all'

export function NewWebhookForm({ clients, onMade }: Props) {
  const t = useTranslations('webhooks')
  const nameOf = useEventName()
  const make = useCommand<WebhookWithSecret>([webhookKeys.all])
  const form = useForm({
    initialValues: { url: '', description: '', clientId: everyone, eventTypes: [] as string[] },
    validate: {
      url: (value) => (/^https?:\/\/\S+$/.test(value.trim()) ? null : t('needUrl')),
      eventTypes: (value) => (value.length === 0 ? t('needEvents') : null),
    },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ url, description, clientId, eventTypes }) =>
        make.mutate(
          {
            method: 'POST',
            path: '/api/webhooks',
            body: {
              url: url.trim(),
              description: description.trim(),
              clientId: clientId === everyone ? null : clientId,
              eventTypes,
            },
          },
          { onSuccess: onMade },
        ),
      )}
    >
      <Stack gap="md">
        <TextInput
          label={t('url')}
          description={t('urlHint')}
          type="url"
          inputMode="url"
          maxLength={2048}
          {...form.getInputProps('url')}
        />
        <TextInput label={t('description')} maxLength={200} {...form.getInputProps('description')} />
        <Select
          label={t('client')}
          allowDeselect={false}
          data={[
            { value: everyone, label: t('allClients') },
            ...clients.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          {...form.getInputProps('clientId')}
        />
        <Checkbox.Group label={t('events')} {...form.getInputProps('eventTypes')}>
          <Stack gap={6} mt={6}>
            {webhookEventTypes.map((type) => (
              <Checkbox key={type} value={type} label={nameOf(type)} />
            ))}
          </Stack>
        </Checkbox.Group>
        {make.isError ? <ProblemNote error={make.error} /> : null}
        <Group>
          <Button type="submit" loading={make.isPending}>
            {t('make')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
