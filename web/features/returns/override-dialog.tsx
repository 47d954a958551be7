'use client'
import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import { dispositions, overrideReasons } from '../../../src/contracts/code-lists.ts'
import type { Disposition, OverrideReason } from '../../../src/contracts/codes.ts'
import type { Recommendation, ReturnDetail } from '../../../src/contracts/returns.ts'
import { formatAbout } from '../../lib/format.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import classes from './recommendation-panel.module.css'
import { useReturnCommand } from './use-return-command.tsx'

type Props = { readonly unit: ReturnDetail; readonly made: Recommendation; readonly onClose: () => void }

/** Another choice than the engine's: what it costs is said before, why is asked. */
export function OverrideDialog({ unit, made, onClose }: Props) {
  const channelName = useChannelName()
  const t = useTranslations('decide')
  const names = useTranslations()
  const { language } = useLanguage()
  const command = useReturnCommand(unit)
  const form = useForm({
    initialValues: {
      disposition: null as Disposition | null,
      channel: null as string | null,
      reasonCode: null as OverrideReason | null,
      note: '',
    },
    validate: {
      disposition: (value) => (value === null ? t('needChoice') : null),
      reasonCode: (value) => (value === null ? t('needReason') : null),
    },
  })
  const { disposition, channel } = form.values
  const valued = made.options.filter((option) => option.disposition === disposition)
  const chosen = valued.find((option) => option.channel === channel) ?? valued[0]
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('overrideTitle')}
      size="lg"
      closeButtonProps={{ 'aria-label': names('common.close') }}
    >
      <form
        onSubmit={form.onSubmit((values) =>
          command.run(
            {
              method: 'POST',
              path: `/api/returns/${unit.id}/disposition`,
              body: {
                disposition: values.disposition,
                ...(chosen === undefined ? {} : { channel: chosen.channel }),
                reasonCode: values.reasonCode,
                ...(values.note.trim() === '' ? {} : { note: values.note.trim() }),
              },
            },
            t('done'),
            onClose,
          ),
        )}
      >
        <Stack>
          <Text c="dimmed">
            {t('overrideText', {
              disposition: names(`disposition.${made.disposition}`),
              value: formatAbout(language, { amount: made.value.mean, currency: made.currency }),
            })}
          </Text>
          <Select
            label={t('choice')}
            data={dispositions.map((value) => ({ value, label: names(`disposition.${value}`) }))}
            searchable
            data-autofocus
            {...form.getInputProps('disposition')}
            onChange={(value) => form.setValues({ disposition: value as Disposition | null, channel: null })}
          />
          {valued.length > 1 ? (
            <Select
              label={t('channel')}
              data={valued.map((option) => ({ value: option.channel, label: channelName(option.channel) }))}
              value={chosen?.channel ?? null}
              allowDeselect={false}
              onChange={(value) => form.setFieldValue('channel', value)}
            />
          ) : null}
          {disposition === null ? null : <Cost made={made} disposition={disposition} chosen={chosen} />}
          <Select
            label={t('reason')}
            data={overrideReasons.map((value) => ({ value, label: names(`override.${value}`) }))}
            {...form.getInputProps('reasonCode')}
          />
          <Textarea
            label={`${t('note')} (${names('common.optional')})`}
            maxLength={2000}
            autosize
            minRows={2}
            {...form.getInputProps('note')}
          />
          {command.feedback}
          <Group>
            <Button type="submit" loading={command.isPending}>
              {disposition === null
                ? names('common.apply')
                : t('submit', { disposition: names(`disposition.${disposition}`) })}
            </Button>
            <Button variant="default" onClick={onClose}>
              {names('common.cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

type CostProps = {
  made: Recommendation
  disposition: Disposition
  chosen: Recommendation['options'][number] | undefined
}

function Cost({ made, disposition, chosen }: CostProps) {
  const t = useTranslations('decide')
  const { language } = useLanguage()
  const word = useReference()
  const excluded = made.excluded.find(
    (exclusion) => exclusion.disposition === disposition && exclusion.channel === null,
  )
  const money = (amount: number) => formatAbout(language, { amount, currency: made.currency })
  if (chosen === undefined) {
    const text = excluded === undefined ? t('notValued') : t('excluded', { message: word(excluded.message) })
    return (
      <div className={classes.unsure} role="status" style={{ marginTop: 0 }}>
        {text}
      </div>
    )
  }
  const loss = made.value.mean - chosen.value.mean
  if (loss === 0) return null
  return (
    <Text role="status">{loss > 0 ? t('costs', { amount: money(loss) }) : t('gains', { amount: money(-loss) })}</Text>
  )
}
