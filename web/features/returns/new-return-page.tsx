'use client'
import { Button, Checkbox, NumberInput, SegmentedControl, Select, TextInput } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import 'dayjs/locale/hi'
import { useForm } from '@mantine/form'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'use-intl'
import { reasonCodes, returnTypes } from '../../../src/contracts/code-lists.ts'
import type { ReturnReceipt } from '../../../src/contracts/returns.ts'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { useCategories, useClients } from '../../lib/places.ts'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { useCommand } from '../../lib/use-command.ts'
import { useTell } from '../../lib/tell.ts'
import { keys } from './api.ts'
import { check, emptyReturn, fieldOfPointer, type NewReturnValues } from './new-return-form.ts'
import classes from './new-return-page.module.css'

export function NewReturnPage() {
  const t = useTranslations('newReturn')
  const common = useTranslations('common')
  const code = useTranslations()
  const router = useRouter()
  const tell = useTell()
  const { language } = useLanguage()
  const word = useReference()
  const me = useMe()
  const clients = useClients()
  const categories = useCategories()
  const submit = useCommand<ReturnReceipt>([keys.lists])
  const onlyClient = clients.data?.length === 1 ? clients.data[0]!.id : ''
  const form = useForm<NewReturnValues>({
    initialValues: emptyReturn,
    validate: (values) => {
      const { faults } = check({ ...values, clientId: values.clientId || onlyClient }, Date.now())
      return Object.fromEntries(Object.entries(faults).map(([field, fault]) => [field, t(`errors.${fault}`)]))
    },
  })
  const send = (values: NewReturnValues) => {
    const { request } = check({ ...values, clientId: values.clientId || onlyClient }, Date.now())
    if (request === null) return
    submit.mutate(
      { method: 'POST', path: '/api/returns', body: request },
      {
        onSuccess: (receipt) => {
          const message = receipt.repeated ? t('repeated', { lpn: receipt.lpn }) : t('submitted', { lpn: receipt.lpn })
          tell.done(message)
          router.push(`/returns/${receipt.id}`)
        },
        onError: ({ problem }) => {
          for (const { pointer, detail } of problem.errors ?? []) {
            const field = fieldOfPointer(pointer)
            if (field !== undefined) form.setFieldError(field, detail)
          }
        },
      },
    )
  }
  if (me.data !== undefined && !may(me.data, 'returns:create')) return <Forbidden permission="returns:create" />
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')} />
      <form className={classes.form} onSubmit={form.onSubmit(send)} noValidate>
        <Panel title={t('sectionUnit')}>
          <div className={classes.grid}>
            <Select
              label={t('client')}
              description={t('clientHint')}
              data={(clients.data ?? []).map((client) => ({ value: client.id, label: client.name }))}
              searchable
              withAsterisk
              {...form.getInputProps('clientId')}
              value={form.values.clientId || onlyClient || null}
            />
            <TextInput
              label={t('clientRef')}
              description={t('clientRefHint')}
              withAsterisk
              {...form.getInputProps('clientRef')}
            />
            <div className={classes.wide}>
              <SegmentedControl
                aria-label={t('product')}
                data={[
                  { value: 'sku', label: t('bySku') },
                  { value: 'title', label: t('byTitle') },
                ]}
                size="md"
                {...form.getInputProps('identifiedBy')}
              />
            </div>
            {form.values.identifiedBy === 'sku' ? (
              <TextInput label={t('sku')} description={t('skuHint')} withAsterisk {...form.getInputProps('sku')} />
            ) : (
              <>
                <TextInput label={t('itemTitle')} withAsterisk {...form.getInputProps('title')} />
                <Select
                  label={t('category')}
                  data={(categories.data ?? []).map((category) => ({
                    value: category.id,
                    label: word(category.name),
                  }))}
                  searchable
                  withAsterisk
                  {...form.getInputProps('categoryId')}
                  value={form.values.categoryId || null}
                />
              </>
            )}
            <NumberInput
              label={t('price')}
              description={t('priceHint')}
              prefix="₹"
              thousandsGroupStyle="lakh"
              thousandSeparator=","
              decimalScale={2}
              min={0}
              hideControls
              {...form.getInputProps('price')}
            />
            <TextInput label={t('serialNumber')} {...form.getInputProps('serialNumber')} />
          </div>
        </Panel>
        <Panel title={t('sectionReturn')}>
          <div className={classes.grid}>
            <Select
              label={t('reason')}
              description={t('reasonHint')}
              data={reasonCodes.map((value) => ({ value, label: code(`reason.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps('reasonCode')}
            />
            <Select
              label={t('returnType')}
              data={returnTypes.map((value) => ({ value, label: code(`returnType.${value}`) }))}
              allowDeselect={false}
              {...form.getInputProps('returnType')}
            />
            <Checkbox label={t('isOpened')} size="md" {...form.getInputProps('isOpened', { type: 'checkbox' })} />
          </div>
        </Panel>
        <Panel title={t('sectionPickup')}>
          <div className={classes.grid}>
            <TextInput
              label={t('pincode')}
              description={t('pincodeHint')}
              inputMode="numeric"
              maxLength={6}
              withAsterisk
              {...form.getInputProps('pickupPincode')}
            />
            <TextInput label={t('orderRef')} {...form.getInputProps('orderRef')} />
            <DateInput
              label={t('deliveredAt')}
              maxDate={new Date()}
              valueFormat="D MMM YYYY"
              locale={language}
              clearable
              {...form.getInputProps('deliveredOn')}
              value={form.values.deliveredOn || null}
              onChange={(value) => form.setFieldValue('deliveredOn', value ?? '')}
            />
            <TextInput label={t('awb')} {...form.getInputProps('awb')} />
          </div>
        </Panel>
        {submit.isError ? <ProblemNote error={submit.error} /> : null}
        <div className={classes.foot}>
          <Button type="submit" loading={submit.isPending}>
            {t('submit')}
          </Button>
          <Button variant="default" component={Link} href="/returns">
            {common('cancel')}
          </Button>
        </div>
      </form>
    </>
  )
}
