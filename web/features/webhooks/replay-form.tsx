'use client'
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { webhookKeys, type Webhook } from './api.ts'

export function ReplayForm({ webhook, onDone }: { webhook: Webhook; onDone: () => void }) {
  const t = useTranslations('webhooks')
  const tell = useTell()
  const replay = useCommand([webhookKeys.all])
  const form = useForm({
    initialValues: { since: '' },
    validate: { since: (value) => (Number.isNaN(Date.parse(value)) ? t('needSince') : null) },
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ since }) =>
        replay.mutate(
          {
            method: 'POST',
            path: `/api/webhooks/${webhook.id}/replay`,
            body: { since: new Date(since).toISOString() },
          },
          {
            onSuccess: () => {
              tell.done(t('replayStarted'))
              onDone()
            },
          },
        ),
      )}
    >
      <Stack gap="md">
        <Text>{t('replayText')}</Text>
        <TextInput type="datetime-local" label={t('since')} {...form.getInputProps('since')} />
        {replay.isError ? <ProblemNote error={replay.error} /> : null}
        <Group>
          <Button type="submit" loading={replay.isPending}>
            {t('replay')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
