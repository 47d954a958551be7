'use client'
import { Button, Checkbox, Group, Skeleton, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import type { ChampionChange } from '../../../src/contracts/model-registry.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { modelKeys, readGate } from './api.ts'
import { GateTable } from './gate-table.tsx'

type Props = { readonly version: string; readonly isOffered: boolean; readonly onDone: () => void }

/** The gate as it stands, and below it the promotion: the version is typed again, with a reason. */
export function PromoteForm({ version, isOffered, onDone }: Props) {
  const t = useTranslations('models')
  const gate = useQuery({ queryKey: modelKeys.gate(version), queryFn: ({ signal }) => readGate(version, signal) })
  return (
    <DataRegion query={gate} skeleton={<Skeleton height={280} radius="md" />}>
      {(found) => (
        <Stack gap="md">
          <Text fw={600}>{found.isOpen ? t('gateOpen') : t('gateClosed')}</Text>
          <GateTable gate={found} />
          {isOffered ? <Form version={version} isOpen={found.isOpen} onDone={onDone} /> : null}
        </Stack>
      )}
    </DataRegion>
  )
}

function Form({ version, isOpen, onDone }: { version: string; isOpen: boolean; onDone: () => void }) {
  const t = useTranslations('models')
  const tell = useTell()
  const promote = useCommand<ChampionChange>([modelKeys.all])
  const form = useForm({
    initialValues: { version: '', reason: '', force: false },
    validate: {
      version: (value) => (value.trim() === version ? null : t('typeAgain', { version })),
      reason: (value) => (value.trim().length < 3 ? t('needReason') : null),
    },
  })
  const submit = form.onSubmit(({ reason, force }) =>
    promote.mutate(
      {
        method: 'POST',
        path: `/api/ai/models/${encodeURIComponent(version)}/promote`,
        body: { version, reason: reason.trim(), force },
      },
      {
        onSuccess: ({ refused }) => {
          if (refused === null) tell.done(t('promoted', { version }))
          else tell.failed(t('notTaken'), refused)
          onDone()
        },
      },
    ),
  )
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t('typedVersion')}
          description={version}
          autoComplete="off"
          {...form.getInputProps('version')}
        />
        <Textarea label={t('reason')} maxLength={500} autosize minRows={2} {...form.getInputProps('reason')} />
        {isOpen ? null : (
          <Checkbox
            label={t('force')}
            description={t('forceHint')}
            {...form.getInputProps('force', { type: 'checkbox' })}
          />
        )}
        {promote.isError ? <ProblemNote error={promote.error} /> : null}
        <Group>
          <Button type="submit" loading={promote.isPending}>
            {t('promote')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
