'use client'
import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDisclosure } from '@mantine/hooks'
import { Undo2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ChampionChange } from '../../../src/contracts/model-registry.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { modelKeys } from './api.ts'

/** Lets the champion before the present one serve again. */
export function RollBack() {
  const t = useTranslations('models')
  const common = useTranslations('common')
  const tell = useTell()
  const [isOpen, dialog] = useDisclosure(false)
  const rollBack = useCommand<ChampionChange>([modelKeys.all])
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (value) => (value.trim().length < 3 ? t('needReason') : null) },
  })
  const submit = form.onSubmit(({ reason }) =>
    rollBack.mutate(
      { method: 'POST', path: '/api/ai/models/rollback', body: { reason: reason.trim() } },
      {
        onSuccess: ({ version, refused }) => {
          if (refused === null) tell.done(t('promoted', { version }))
          else tell.failed(t('notTaken'), refused)
          form.reset()
          dialog.close()
        },
      },
    ),
  )
  return (
    <>
      <Button variant="default" leftSection={<Undo2 size={18} aria-hidden />} onClick={dialog.open}>
        {t('rollBack')}
      </Button>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        title={t('rollBackTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <form noValidate onSubmit={submit}>
          <Stack gap="md">
            <Text>{t('rollBackText')}</Text>
            <Textarea label={t('reason')} maxLength={500} autosize minRows={2} {...form.getInputProps('reason')} />
            {rollBack.isError ? <ProblemNote error={rollBack.error} /> : null}
            <Group>
              <Button type="submit" loading={rollBack.isPending}>
                {t('rollBack')}
              </Button>
              <Button variant="default" onClick={dialog.close}>
                {common('cancel')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
    </>
  )
}
