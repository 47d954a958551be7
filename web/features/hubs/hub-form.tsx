'use client'
import { Button, Group, MultiSelect, NumberInput, Select, Skeleton, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { type Hub, hubCapabilities } from '../../../src/contracts/hubs.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { hubKeys, readHub } from './api.ts'

/** A list of a dialog belongs to it, also for who hears the page. */
const inDialog = { withinPortal: false }
const most = { capacity: 10_000_000, minutesPerDay: 1_000_000 } as const

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
  const whole = (min: number) => (value: number | string) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min ? null : t('hubs.needNumber', { min })
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
      capacity: whole(0),
      minutesPerDay: whole(1),
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
        <NumberInput
          label={t('hubs.field.capacity')}
          description={t('hubs.capacityHint', { used: formatNumber(language, hub.usedCapacity) })}
          min={0}
          max={most.capacity}
          allowDecimal={false}
          thousandSeparator=","
          thousandsGroupStyle="lakh"
          data-autofocus
          {...form.getInputProps('capacity')}
        />
        <NumberInput
          label={t('hubs.field.minutesPerDay')}
          min={1}
          max={most.minutesPerDay}
          allowDecimal={false}
          thousandSeparator=","
          thousandsGroupStyle="lakh"
          {...form.getInputProps('minutesPerDay')}
        />
        <TextInput label={t('hubs.field.name')} autoComplete="off" maxLength={120} {...form.getInputProps('name')} />
        <Select
          label={t('hubs.field.status')}
          allowDeselect={false}
          comboboxProps={inDialog}
          data={(['active', 'paused', 'closed'] as const).map((value) => ({ value, label: t(`hubs.status.${value}`) }))}
          {...form.getInputProps('status')}
        />
        <MultiSelect
          label={t('hubs.field.capabilities')}
          comboboxProps={inDialog}
          data={hubCapabilities.map((value) => ({ value, label: t(`hubs.capability.${value}`) }))}
          {...form.getInputProps('capabilities')}
        />
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
