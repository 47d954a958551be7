'use client'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { CircleAlert, Play, RotateCcw } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { DispositionRecord, ReturnDetail } from '../../../src/contracts/returns.ts'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { formatAbout } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useChannelName } from '../../lib/code-words.ts'
import { FinishForm } from './finish-form.tsx'
import classes from './return-page.module.css'
import { useReturnCommand } from './use-return-command.tsx'

type Props = { readonly unit: ReturnDetail; readonly record: DispositionRecord }

/** The decided disposition on its way: started, blocked, finished, reversed. */
export function ExecutePanel({ unit, record }: Props) {
  const channel = useChannelName()
  const t = useTranslations('execute')
  const names = useTranslations()
  const { language } = useLanguage()
  const command = useReturnCommand(unit)
  const [isBlocking, blocking] = useDisclosure(false)
  const [isReversing, reversing] = useDisclosure(false)
  const disposition = names(`disposition.${record.disposition}`)
  const put = (body: Record<string, unknown>, onDone?: () => void) =>
    command.run(
      { method: 'PUT', path: `/api/returns/${unit.id}`, body: { command: 'execute', ...body } },
      t('done'),
      onDone,
    )
  const isDone = record.execution === 'done'
  return (
    <Panel
      title={t('title', { disposition })}
      {...(isDone ? {} : { mark: 'accent' as const })}
      aside={
        <Tag tone={record.execution === 'blocked' ? 'bad' : isDone ? 'good' : 'info'}>
          {names(`execution.${record.execution}`)}
        </Tag>
      }
    >
      <div className={classes.form}>
        <p className={classes.soft}>
          {t('text', {
            channel: channel(record.channel),
            value:
              record.expectedValue === null ? names('common.notKnown') : formatAbout(language, record.expectedValue),
          })}
        </p>
        {record.blockedReason === null ? null : (
          <Text c="var(--sr-bad-ink)">{t('blockedBy', { reason: record.blockedReason })}</Text>
        )}
        {record.execution === 'planned' || record.execution === 'blocked' || record.execution === 'in_progress' ? (
          <>
            {record.disposition === 'hold' ? null : (
              <FinishForm unit={unit} record={record} isPending={command.isPending} onFinish={put} />
            )}
            <div className={classes.actions}>
              {record.execution === 'in_progress' ? null : (
                <Button
                  variant="default"
                  leftSection={<Play size={18} />}
                  loading={command.isPending}
                  onClick={() => put({ execution: 'in_progress' })}
                >
                  {t('start')}
                </Button>
              )}
              {record.execution === 'blocked' ? null : (
                <Button variant="default" leftSection={<CircleAlert size={18} />} onClick={blocking.open}>
                  {t('block')}
                </Button>
              )}
            </div>
          </>
        ) : null}
        {isDone ? (
          <div className={classes.actions}>
            <Button variant="default" leftSection={<RotateCcw size={18} />} onClick={reversing.open}>
              {t('reverse')}
            </Button>
          </div>
        ) : null}
        {command.feedback}
      </div>
      {isBlocking ? (
        <BlockDialog
          onClose={blocking.close}
          onBlock={(blockedReason) => put({ execution: 'blocked', blockedReason }, blocking.close)}
        />
      ) : null}
      <Modal
        opened={isReversing}
        onClose={reversing.close}
        title={t('reverseTitle')}
        closeButtonProps={{ 'aria-label': names('common.close') }}
      >
        <Stack>
          <Text>{t('reverseText')}</Text>
          <Group>
            <Button
              color="red"
              loading={command.isPending}
              onClick={() => put({ execution: 'reversed' }, reversing.close)}
            >
              {t('reverseConfirm')}
            </Button>
            <Button variant="default" onClick={reversing.close}>
              {names('common.cancel')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Panel>
  )
}

function BlockDialog({ onClose, onBlock }: { onClose: () => void; onBlock: (reason: string) => void }) {
  const t = useTranslations('execute')
  const common = useTranslations('common')
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() === '' ? t('needBlockReason') : null) },
  })
  return (
    <Modal opened onClose={onClose} title={t('blockTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form onSubmit={form.onSubmit(({ reason }) => onBlock(reason.trim()))}>
        <Stack>
          <TextInput label={t('blockReason')} maxLength={200} data-autofocus {...form.getInputProps('reason')} />
          <Group>
            <Button type="submit">{common('save')}</Button>
            <Button variant="default" onClick={onClose}>
              {common('cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
