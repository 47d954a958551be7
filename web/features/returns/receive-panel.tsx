'use client'
import { Button, Checkbox, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { PackageCheck } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Panel } from '../../components/panel.tsx'
import { useHubs } from '../../lib/places.ts'
import { useMe } from '../../lib/session.ts'
import classes from './return-page.module.css'
import { useReturnCommand } from './use-return-command.tsx'

export function ReceivePanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('receive')
  const hubs = useHubs()
  const me = useMe()
  const command = useReturnCommand(unit)
  const ownHubs = (hubs.data ?? []).filter((hub) => me.data?.hubIds === null || me.data?.hubIds.includes(hub.id))
  const own = ownHubs.find((hub) => hub.id === unit.hubId) ?? (ownHubs.length === 1 ? ownHubs[0] : undefined)
  const form = useForm({
    initialValues: { hubId: '', locationCode: '', isDamagedOutside: false, reroute: false },
  })
  const hubId = form.values.hubId || own?.id || ''
  const isElsewhere = unit.hubId !== null && hubId !== '' && hubId !== unit.hubId
  return (
    <Panel title={t('title')} mark="accent">
      <form
        className={classes.form}
        onSubmit={form.onSubmit((values) =>
          command.run(
            {
              method: 'POST',
              path: `/api/returns/${unit.id}/receive`,
              body: {
                ...(hubId === '' ? {} : { hubId }),
                ...(values.locationCode.trim() === '' ? {} : { locationCode: values.locationCode.trim() }),
                ...(values.isDamagedOutside ? { isDamagedOutside: true } : {}),
                ...(isElsewhere && values.reroute ? { reroute: true } : {}),
              },
            },
            t('done'),
          ),
        )}
      >
        <p className={classes.soft}>{t('text')}</p>
        <div className={classes.row}>
          {ownHubs.length > 1 ? (
            <Select
              label={t('hub')}
              data={ownHubs.map((hub) => ({ value: hub.id, label: `${hub.code} · ${hub.name}` }))}
              value={hubId || null}
              onChange={(value) => form.setFieldValue('hubId', value ?? '')}
              searchable
            />
          ) : null}
          <TextInput
            label={t('location')}
            placeholder={t('locationHint')}
            maxLength={40}
            {...form.getInputProps('locationCode')}
          />
        </div>
        <Checkbox label={t('damaged')} size="md" {...form.getInputProps('isDamagedOutside', { type: 'checkbox' })} />
        {isElsewhere ? (
          <Checkbox
            label={t('reroute', { hub: unit.hubCode ?? '' })}
            size="md"
            {...form.getInputProps('reroute', { type: 'checkbox' })}
          />
        ) : null}
        {command.feedback}
        <div className={classes.actions}>
          <Button
            type="submit"
            leftSection={<PackageCheck size={18} />}
            loading={command.isPending}
            disabled={isElsewhere && !form.values.reroute}
          >
            {t('submit')}
          </Button>
        </div>
      </form>
    </Panel>
  )
}
