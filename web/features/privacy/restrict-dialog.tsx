'use client'
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { PersonDetail, RestrictRequest } from '../../../src/contracts/privacy.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { privacyKeys } from './api.ts'

type Props = {
  readonly id: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onDone: () => void
}

const reasons = {
  accuracy_disputed: 'reasonAccuracy',
  unlawful: 'reasonUnlawful',
  claims: 'reasonClaims',
  objection: 'reasonObjection',
} as const
type Reason = keyof typeof reasons

/** Why the data of a person are to rest. */
export function RestrictDialog({ id, isOpen, onClose, onDone }: Props) {
  const t = useTranslations('privacy')
  const common = useTranslations('common')
  const [reason, setReason] = useState<Reason>('accuracy_disputed')
  const restrict = useCommand<PersonDetail>([privacyKeys.person(id)])
  const body: RestrictRequest = { isRestricted: true, reason }
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t('restrictTitle')}
      closeButtonProps={{ 'aria-label': common('close') }}
    >
      <Stack>
        <Text>{t('restrictText')}</Text>
        <Radio.Group label={t('reason')} value={reason} onChange={(value) => setReason(value)}>
          <Stack gap="xs" mt="xs">
            {Object.entries(reasons).map(([value, word]) => (
              <Radio key={value} value={value} label={t(word)} />
            ))}
          </Stack>
        </Radio.Group>
        {restrict.isError ? <ProblemNote error={restrict.error} /> : null}
        <Group>
          <Button
            loading={restrict.isPending}
            onClick={() =>
              restrict.mutate(
                { method: 'POST', path: `/api/privacy/people/${id}/restrict`, body },
                {
                  onSuccess: () => {
                    onClose()
                    onDone()
                  },
                },
              )
            }
          >
            {t('restrict')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {common('cancel')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
