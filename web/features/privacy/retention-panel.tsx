'use client'
import { Button, Group, Modal, NumberInput, Skeleton, Stack, Switch, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { RetentionPolicy } from '../../../src/contracts/retention.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemNote } from '../../components/problem-note.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTell } from '../../lib/tell.ts'
import { changeRetention, privacyKeys, readRetention, runRetention } from './api.ts'
import classes from './privacy.module.css'

const daysMax = 3650

/** How long each class of data is kept; what is past its time can be counted, and removed. */
export function RetentionPanel() {
  const t = useTranslations('privacy')
  const common = useTranslations('common')
  const tell = useTell()
  const queries = useQueryClient()
  const [isAsking, question] = useDisclosure(false)
  const policies = useQuery({ queryKey: privacyKeys.retention, queryFn: ({ signal }) => readRetention(signal) })
  const count = useMutation({ mutationFn: () => runRetention(true) })
  const remove = useMutation({
    mutationFn: () => runRetention(false),
    onSuccess: async ({ results }) => {
      question.close()
      count.reset()
      tell.done(t('runDone', { count: results.reduce((sum, result) => sum + result.removed, 0) }))
      await queries.invalidateQueries({ queryKey: privacyKeys.retention })
    },
  })
  const found = new Map(count.data?.results.map((result) => [result.dataClass, result.found]))
  const due = [...found.values()].reduce((sum, each) => sum + each, 0)
  return (
    <Panel title={t('retention')}>
      <p className={classes.soft}>{t('retentionText')}</p>
      <DataRegion query={policies} skeleton={<Skeleton height={320} />}>
        {(rows) => (
          <ul className={classes.classes}>
            {rows.map((policy) => (
              <PolicyRow
                key={`${policy.dataClass} ${policy.version}`}
                policy={policy}
                found={found.get(policy.dataClass) ?? null}
              />
            ))}
          </ul>
        )}
      </DataRegion>
      <Group mt="md">
        <Button variant="default" loading={count.isPending} onClick={() => count.mutate()}>
          {t('dryRun')}
        </Button>
        <Button color="red" disabled={due === 0} onClick={question.open}>
          {t('runNow')}
        </Button>
        <span aria-live="polite" className={classes.state}>
          {count.data === undefined ? null : t('found', { count: due })}
        </span>
      </Group>
      {count.isError ? <ProblemNote error={count.error} /> : null}
      <div className={classes.kept}>
        {t('kept')}
        <ul>
          <li>{t('keptLog')}</li>
          <li>{t('keptLedger')}</li>
          <li>{t('keptErasures')}</li>
        </ul>
      </div>
      <Modal
        opened={isAsking}
        onClose={question.close}
        title={t('runTitle')}
        closeButtonProps={{ 'aria-label': common('close') }}
      >
        <Stack>
          <Text>{t('runText', { count: due })}</Text>
          {remove.isError ? <ProblemNote error={remove.error} /> : null}
          <Group>
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('runConfirm')}
            </Button>
            <Button variant="default" onClick={question.close}>
              {common('cancel')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Panel>
  )
}

function PolicyRow({ policy, found }: { policy: RetentionPolicy; found: number | null }) {
  const t = useTranslations('privacy')
  const { language } = useLanguage()
  const tell = useTell()
  const queries = useQueryClient()
  const [days, setDays] = useState<number | string>(policy.days)
  const [isActive, setActive] = useState(policy.isActive)
  const name = t(`class.${policy.dataClass}`)
  const save = useMutation({
    mutationFn: () => changeRetention(policy.dataClass, { days: Number(days), isActive, version: policy.version }),
    onSuccess: async () => {
      tell.done(t('saved'))
      await queries.invalidateQueries({ queryKey: privacyKeys.retention })
    },
  })
  const isChanged = Number(days) !== policy.days || isActive !== policy.isActive
  const isValid = typeof days === 'number' && days >= policy.minDays && days <= daysMax
  const { lastRun } = policy
  const last =
    lastRun === null
      ? t('neverRun')
      : t('lastRun', { count: lastRun.removed, time: formatInstant(language, lastRun.at, defaultTimeZone) })
  return (
    <li>
      <div>
        <div className={classes.name}>{name}</div>
        <div className={classes.state}>
          {last}
          {found === null ? null : (
            <span className={found === 0 ? '' : classes.due}> · {t('found', { count: found })}</span>
          )}
        </div>
        {save.isError ? <ProblemNote error={save.error} /> : null}
      </div>
      <NumberInput
        aria-label={t('daysOf', { name })}
        value={days}
        onChange={setDays}
        min={policy.minDays}
        max={daysMax}
        allowDecimal={false}
        suffix={` ${t('days')}`}
        error={isValid ? null : t('minimum', { days: policy.minDays })}
      />
      <Switch
        label={t('active')}
        aria-label={t('activeOf', { name })}
        checked={isActive}
        onChange={(event) => setActive(event.currentTarget.checked)}
      />
      <Button
        variant="default"
        disabled={!isChanged || !isValid}
        loading={save.isPending}
        aria-label={t('saveOf', { name })}
        onClick={() => save.mutate()}
      >
        {t('save')}
      </Button>
    </li>
  )
}
