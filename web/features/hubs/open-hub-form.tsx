'use client'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import type { Hub } from '../../../src/contracts/hubs.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { hubKeys } from './api.ts'
import { AmountField, CapabilitiesField, useAmountFault } from './hub-fields.tsx'

/** Fields by where the server points to in what it refuses. */
const fields = ['code', 'name', 'pincode', 'capacity', 'minutesPerDay', 'capabilities'] as const

/** A new hub: where it stands (its PIN code places it on the map), what it takes and can do. */
export function OpenHubForm({ onDone }: { onDone: () => void }) {
  const t = useTranslations()
  const tell = useTell()
  const open = useCommand<Hub>([hubKeys.all])
  const faultOf = useAmountFault()
  const initially: number | string = ''
  const form = useForm({
    initialValues: {
      code: '',
      name: '',
      pincode: '',
      capacity: initially,
      minutesPerDay: initially,
      capabilities: [] as string[],
    },
    validate: {
      code: (value) => (/^[A-Z]{2,4}-[0-9A-Z]{1,4}$/.test(value) ? null : t('hubs.needCode')),
      name: (value) => (value.trim() === '' ? t('hubs.needName') : null),
      pincode: (value) => (/^[1-9]\d{5}$/.test(value.trim()) ? null : t('hubs.needPincode')),
      capacity: faultOf('capacity'),
      minutesPerDay: faultOf('minutesPerDay'),
    },
  })
  const submit = form.onSubmit((values) =>
    open.mutate(
      {
        method: 'POST',
        path: '/api/hubs',
        body: { ...values, name: values.name.trim(), pincode: values.pincode.trim() },
      },
      {
        onSuccess: (hub) => {
          tell.done(t('hubs.opened', { code: hub.code }))
          onDone()
        },
        onError: ({ problem }) => {
          for (const { pointer, detail } of problem.errors ?? []) {
            const field = fields.find((name) => pointer === `/${name}`)
            if (field !== undefined) form.setFieldError(field, detail)
          }
        },
      },
    ),
  )
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label={t('hubs.field.code')}
          description={t('hubs.codeHint')}
          autoComplete="off"
          maxLength={9}
          data-autofocus
          {...form.getInputProps('code')}
          onChange={(event) => form.setFieldValue('code', event.currentTarget.value.toUpperCase())}
        />
        <TextInput label={t('hubs.field.name')} autoComplete="off" maxLength={120} {...form.getInputProps('name')} />
        <TextInput
          label={t('hubs.field.pincode')}
          autoComplete="off"
          inputMode="numeric"
          maxLength={6}
          {...form.getInputProps('pincode')}
        />
        <AmountField name="capacity" input={form.getInputProps('capacity')} />
        <AmountField name="minutesPerDay" input={form.getInputProps('minutesPerDay')} />
        <CapabilitiesField input={form.getInputProps('capabilities')} />
        {open.isError ? <ProblemNote error={open.error} /> : null}
        <Group>
          <Button type="submit" loading={open.isPending}>
            {t('hubs.openHub')}
          </Button>
          <Button variant="default" onClick={onDone}>
            {t('common.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
