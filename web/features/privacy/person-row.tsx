'use client'
import { Button, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Download, Eraser, PauseCircle, PlayCircle } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Person, PersonDetail } from '../../../src/contracts/privacy.ts'
import { ProblemNote } from '../../components/problem-note.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { useCommand } from '../../lib/use-command.ts'
import { downloadPerson, privacyKeys } from './api.ts'
import { EraseDialog } from './erase-dialog.tsx'
import { PersonMore } from './person-more.tsx'
import classes from './privacy.module.css'
import { RestrictDialog } from './restrict-dialog.tsx'

type Props = { readonly person: Person; readonly onChanged: () => void }

/** One person that was found: enough to tell who it is, and what can be done. */
export function PersonRow({ person, onChanged }: Props) {
  const t = useTranslations('privacy')
  const { language } = useLanguage()
  const tell = useTell()
  const queries = useQueryClient()
  const [isShown, more] = useDisclosure(false)
  const [isErasing, erasing] = useDisclosure(false)
  const [isRestricting, restricting] = useDisclosure(false)
  const release = useCommand<PersonDetail>([privacyKeys.person(person.id)])
  const download = useMutation({
    mutationFn: (format: 'json' | 'csv') => downloadPerson(person.id, format),
    onSettled: () => queries.invalidateQueries({ queryKey: privacyKeys.person(person.id) }),
  })
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  const { hint } = person
  const name = hint?.name ?? t('unnamed')
  const facts = [
    person.clientName,
    hint?.email ?? null,
    hint?.phone ?? null,
    t('returns', { count: person.returns }),
    t('open', { count: person.openReturns }),
    person.lastReturnAt === null ? null : t('last', { time: time(person.lastReturnAt) }),
  ].filter((fact) => fact !== null)
  const changed = (says: string) => {
    tell.done(says)
    onChanged()
  }
  return (
    <li>
      <div className={classes.top}>
        <span>{name}</span>
        {person.isRestricted ? <Tag tone="warn">{t('restricted')}</Tag> : null}
        {person.erasedAt === null ? null : <Tag tone="neutral">{t('erased', { time: time(person.erasedAt) })}</Tag>}
      </div>
      <p className={classes.facts}>{facts.join(' · ')}</p>
      <Group gap="xs">
        <Button variant="default" onClick={more.toggle} aria-expanded={isShown}>
          {isShown ? t('hide') : t('details')}
        </Button>
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          loading={download.isPending && download.variables === 'json'}
          onClick={() => download.mutate('json')}
        >
          {t('exportJson')}
        </Button>
        <Button
          variant="default"
          leftSection={<Download size={16} aria-hidden />}
          loading={download.isPending && download.variables === 'csv'}
          onClick={() => download.mutate('csv')}
        >
          {t('exportCsv')}
        </Button>
        {person.erasedAt !== null ? null : (
          <>
            {person.isRestricted ? (
              <Button
                variant="default"
                leftSection={<PlayCircle size={16} aria-hidden />}
                loading={release.isPending}
                onClick={() =>
                  release.mutate(
                    {
                      method: 'POST',
                      path: `/api/privacy/people/${person.id}/restrict`,
                      body: { isRestricted: false, reason: 'resolved' },
                    },
                    { onSuccess: () => changed(t('releaseDone')) },
                  )
                }
              >
                {t('release')}
              </Button>
            ) : (
              <Button variant="default" leftSection={<PauseCircle size={16} aria-hidden />} onClick={restricting.open}>
                {t('restrict')}
              </Button>
            )}
            <Button color="red" leftSection={<Eraser size={16} aria-hidden />} onClick={erasing.open}>
              {t('erase')}
            </Button>
          </>
        )}
      </Group>
      {download.isError ? <ProblemNote error={download.error} /> : null}
      {release.isError ? <ProblemNote error={release.error} /> : null}
      {isShown ? <PersonMore id={person.id} /> : null}
      <EraseDialog
        person={person}
        isOpen={isErasing}
        onClose={erasing.close}
        onDone={({ returns, files }) => changed(t('eraseDone', { returns, files }))}
      />
      <RestrictDialog
        id={person.id}
        isOpen={isRestricting}
        onClose={restricting.close}
        onDone={() => changed(t('restrictDone'))}
      />
    </li>
  )
}
