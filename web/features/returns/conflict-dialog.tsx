'use client'
import { Button, Group, Modal, Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'

type Props = {
  readonly mine: ReturnDetail
  readonly theirs: ReturnDetail
  readonly onTakeTheirs: () => void
  readonly onKeepMine: () => void
}

/** What was on the screen against what is there now. */
export function ConflictDialog({ mine, theirs, onTakeTheirs, onKeepMine }: Props) {
  const t = useTranslations()
  const none = t('common.none')
  const describe = (unit: ReturnDetail): readonly (readonly [string, ReactNode])[] => [
    [t('returns.colStage'), t(`stage.${unit.stage}`)],
    [t('returns.colHub'), unit.hubCode ?? none],
    [t('receive.location'), unit.locationCode ?? none],
    [t('returns.colGrade'), unit.grade === null ? none : `${unit.grade} · ${t(`grade.${unit.grade}`)}`],
    [
      t('recommendation.title'),
      unit.recommendation === null ? none : t(`disposition.${unit.recommendation.disposition}`),
    ],
    [t('returns.colRoute'), unit.disposition === null ? none : t(`disposition.${unit.disposition}`)],
    [t('timeline.type.DispositionExecuted'), unit.execution === null ? none : t(`execution.${unit.execution}`)],
    [t('detail.fields.acceptance'), t(`acceptance.${unit.acceptance}`)],
  ]
  const before = describe(mine)
  const changes = describe(theirs).flatMap(([name, now], place) => {
    const was = before[place]?.[1]
    return was === now ? [] : [{ name, was, now }]
  })
  return (
    <Modal
      opened
      onClose={onTakeTheirs}
      title={t('conflict.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Text mb="md">{t('conflict.text', { mine: mine.version, theirs: theirs.version })}</Text>
      {changes.length === 0 ? (
        <Text c="dimmed">{t('conflict.same')}</Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('conflict.field')}</Table.Th>
              <Table.Th>{t('conflict.yours')}</Table.Th>
              <Table.Th>{t('conflict.theirs')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(({ name, was, now }) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>{was}</Table.Td>
                <Table.Td fw={600}>{now}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group mt="lg">
        <Button onClick={onTakeTheirs} data-autofocus>
          {t('conflict.takeTheirs')}
        </Button>
        <Button variant="default" onClick={onKeepMine}>
          {t('conflict.keepMine')}
        </Button>
      </Group>
    </Modal>
  )
}
