'use client'
import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { Erasure, Person } from '../../../src/contracts/privacy.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { useCommand } from '../../lib/use-command.ts'
import { privacyKeys } from './api.ts'

type Props = {
  readonly person: Person
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onDone: (erasure: Erasure) => void
}

/** There is no way back, so a word has to be typed. */
export function EraseDialog({ person, isOpen, onClose, onDone }: Props) {
  const t = useTranslations('privacy')
  const common = useTranslations('common')
  const [typed, setTyped] = useState('')
  const [evenIfOpen, setEvenIfOpen] = useState(false)
  const erase = useCommand<Erasure>([privacyKeys.person(person.id)])
  const word = t('eraseWord')
  const isAgreed = typed.trim().toLowerCase() === word && (person.openReturns === 0 || evenIfOpen)
  const close = () => {
    setTyped('')
    setEvenIfOpen(false)
    erase.reset()
    onClose()
  }
  return (
    <Modal opened={isOpen} onClose={close} title={t('eraseTitle')} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!isAgreed) return
          erase.mutate(
            {
              method: 'POST',
              path: `/api/privacy/people/${person.id}/erase`,
              body: { confirm: 'erase', evenIfOpen: person.openReturns > 0 },
            },
            {
              onSuccess: (erasure) => {
                close()
                onDone(erasure)
              },
            },
          )
        }}
      >
        <Stack>
          <Text>{t('eraseText')}</Text>
          {person.openReturns === 0 ? null : (
            <>
              <Text>{t('eraseOpen', { count: person.openReturns })}</Text>
              <Checkbox
                label={t('eraseEvenIfOpen')}
                checked={evenIfOpen}
                onChange={(event) => setEvenIfOpen(event.currentTarget.checked)}
              />
            </>
          )}
          <TextInput
            label={t('eraseType', { word })}
            value={typed}
            autoComplete="off"
            data-autofocus
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {erase.isError ? <ProblemNote error={erase.error} /> : null}
          <Group>
            <Button type="submit" color="red" disabled={!isAgreed} loading={erase.isPending}>
              {t('eraseConfirm')}
            </Button>
            <Button variant="default" onClick={close}>
              {common('cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
