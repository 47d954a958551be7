'use client'
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { useReturnCommand } from './use-return-command.tsx'

export function CancelDialog({ unit, isOpen, onClose }: { unit: ReturnDetail; isOpen: boolean; onClose: () => void }) {
  const t = useTranslations('cancelReturn')
  const common = useTranslations('common')
  const command = useReturnCommand(unit)
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim() === '' ? t('needReason') : null) },
  })
  return (
    <Modal opened={isOpen} onClose={onClose} title={t('title')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        onSubmit={form.onSubmit(({ reason }) =>
          command.run(
            {
              method: 'PUT',
              path: `/api/returns/${unit.id}`,
              body: { command: 'cancel', reason: reason.trim() },
            },
            t('done'),
            onClose,
          ),
        )}
      >
        <Stack>
          <Text>{t('text')}</Text>
          <TextInput label={t('reason')} maxLength={200} data-autofocus {...form.getInputProps('reason')} />
          {command.feedback}
          <Group>
            <Button type="submit" color="red" loading={command.isPending}>
              {t('confirm')}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t('keep')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
