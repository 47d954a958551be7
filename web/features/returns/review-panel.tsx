'use client'
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Panel } from '../../components/panel.tsx'
import { useReviewWords } from '../../lib/review-words.ts'
import classes from './return-page.module.css'
import { useReturnCommand } from './use-return-command.tsx'

export function ReviewPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('review')
  const common = useTranslations('common')
  const words = useReviewWords()
  const command = useReturnCommand(unit)
  const [isOpen, dialog] = useDisclosure(false)
  const form = useForm({ initialValues: { note: '' } })
  const review = (verdict: 'approve' | 'reject', note: string) => {
    const body = { command: 'review', verdict, ...(note.trim() === '' ? {} : { note: note.trim() }) }
    const done = verdict === 'approve' ? t('doneApprove') : t('doneReject')
    command.run({ method: 'PUT', path: `/api/returns/${unit.id}`, body }, done, dialog.close)
  }
  return (
    <Panel title={t('title')} mark="warn">
      <div className={classes.form}>
        <ul className={classes.list}>
          {unit.reviewReasons.map((reason) => (
            <li key={reason}>{words(reason)}</li>
          ))}
        </ul>
        {isOpen ? null : command.feedback}
        <div className={classes.actions}>
          {unit.allowed.includes('approve') ? (
            <Button loading={command.isPending} onClick={() => review('approve', '')}>
              {t('approve')}
            </Button>
          ) : null}
          {unit.allowed.includes('reject') ? (
            <Button variant="default" onClick={dialog.open}>
              {t('reject')}
            </Button>
          ) : null}
        </div>
      </div>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        title={t('rejectTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <form onSubmit={form.onSubmit(({ note }) => review('reject', note))}>
          <Stack>
            <Text>{t('rejectText')}</Text>
            <Textarea
              label={t('note')}
              maxLength={500}
              autosize
              minRows={2}
              data-autofocus
              {...form.getInputProps('note')}
            />
            {command.feedback}
            <Group>
              <Button type="submit" color="red" loading={command.isPending}>
                {t('rejectConfirm')}
              </Button>
              <Button variant="default" onClick={dialog.close}>
                {common('cancel')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </Panel>
  )
}
