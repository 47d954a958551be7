'use client'
import { Button, Group, Select, Skeleton, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { hubKeys, readHub } from './api.ts'
import { AmountField, CapabilitiesField, inDialog, useAmountFault } from './hub-fields.tsx'

/** What a hub is called, takes and can do. The form begins with what is there now, and saves over nothing newer. */
export function HubForm({ hubId, onDone }: { hubId: string; onDone: () => void }) {
  const hub = useQuery({ queryKey: hubKeys.hub(hubId), queryFn: ({ signal }) => readHub(hubId, signal), staleTime: 0 })
  return (
    <DataRegion query={hub} skeleton={<Skeleton height={320} radius="md" />}>
      {(found) => (hub.isFetchedAfterMount ? <Fields key={found.version} hub={found} onDone={onDone} /> : null)}
    </DataRegion>
  )
}

function Fields({ hub, onDone }: { hub: Hub; onDone: () => void }) {
  const t = useTranslations()
  const tell = useTell()
  const queries = useQueryClient()
  const { language } = useLanguage()
  const save = useCommand<Hub>([hubKeys.all])
  const faultOf = useAmountFault()
  const form = useForm({
    initialValues: {
      name: hub.name,
      status: hub.status,
      capacity: hub.capacity,
      minutesPerDay: hub.minutesPerDay,
      capabilities: [...hub.capabilities],
    },
    validate: {
      name: (value) => (value.trim() === '' ? t('hubs.needName') : null),
      capacity: faultOf('capacity'),
      minutesPerDay: faultOf('minutesPerDay'),
    },
  })
  const submit = form.onSubmit((values) =>
    save.mutate(
      {
        method: 'PUT',
        path: `/api/hubs/${hub.id}`,
        body: { ...values, name: values.name.trim() },
        ifVersion: hub.version,
      },
      {
        onSuccess: () => {
          tell.done(t('hubs.saved', { code: hub.code }))
          onDone()
        },
      },
    ),
  )
  const isStale = save.error?.status === 412
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <AmountField
          name="capacity"
          description={t('hubs.capacityHint', { used: formatNumber(language, hub.usedCapacity) })}
          isFirst
          input={form.getInputProps('capacity')}
        />
        <AmountField name="minutesPerDay" input={form.getInputProps('minutesPerDay')} />
        <TextInput label={t('hubs.field.name')} autoComplete="off" maxLength={120} {...form.getInputProps('name')} />
        <Select
          label={t('hubs.field.status')}
          allowDeselect={false}
          comboboxProps={inDialog}
          data={(['active', 'paused', 'closed'] as const).map((value) => ({ value, label: t(`hubs.status.${value}`) }))}
          {...form.getInputProps('status')}
        />
        <CapabilitiesField input={form.getInputProps('capabilities')} />
        {save.isError ? <ProblemNote error={save.error} /> : null}
        <Group>
          {isStale ? (
            <Button onClick={() => void queries.invalidateQueries({ queryKey: hubKeys.all })}>
              {t('hubs.reload')}
            </Button>
          ) : (
            <Button type="submit" loading={save.isPending}>
              {t('common.save')}
            </Button>
          )}
          <Button variant="default" onClick={onDone}>
            {t('common.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
