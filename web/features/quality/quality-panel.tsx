'use client'
import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslations } from 'use-intl'
import type { QualityCheck } from '../../../src/contracts/quality.ts'
import type { Rubric } from '../../../src/contracts/reference.ts'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Amount, Instant } from '../../components/amounts.tsx'
import { GradeTag } from '../../components/code-tags.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { formatMass, formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage, useReference } from '../../lib/i18n.tsx'
import { useTimeZone } from '../../lib/places.ts'
import { humanised } from '../../lib/words.ts'
import { photoUrl, qualityKey, readChecks, readRubric } from './api.ts'
import { QualityCheckForm } from './check-form.tsx'
import classes from './quality.module.css'

export function QualityPanel({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('quality')
  const [isChecking, setIsChecking] = useState(false)
  const isChecked = unit.grade !== null
  const checks = useQuery({
    queryKey: [...qualityKey(unit.id), unit.version],
    queryFn: ({ signal }) => readChecks(unit.id, signal),
    placeholderData: (before) => before,
    enabled: isChecked,
  })
  if (!isChecked) {
    return (
      <Panel title={t('title')}>
        <p className={classes.soft}>
          {t('none')} {t('noneText')}
        </p>
      </Panel>
    )
  }
  if (isChecking && unit.allowed.includes('check')) return <QualityCheckForm unit={unit} />
  return (
    <Panel
      title={t('title')}
      aside={
        unit.allowed.includes('check') ? (
          <Button variant="subtle" color="gray" onClick={() => setIsChecking(true)}>
            {t('again')}
          </Button>
        ) : null
      }
    >
      <DataRegion
        query={checks}
        skeleton={<Skeleton height={140} radius="md" />}
        isEmpty={(all) => all.length === 0}
        empty={t('none')}
      >
        {(all) => <Check unit={unit} check={all.find((one) => one.isCurrent) ?? all[0]!} />}
      </DataRegion>
    </Panel>
  )
}

function Check({ unit, check }: { unit: ReturnDetail; check: QualityCheck }) {
  const t = useTranslations('quality')
  const kinds = useTranslations('quarantine')
  const grades = useTranslations('grade')
  const { language } = useLanguage()
  const word = useReference()
  const timeZone = useTimeZone(unit.hubId)
  const rubric = useQuery({
    queryKey: ['rubric', check.rubricId],
    queryFn: ({ signal }) => readRubric(check.rubricId, signal),
    staleTime: Infinity,
  }).data
  return (
    <>
      <div className={classes.hero}>
        <GradeTag grade={check.grade} />
        <span className={classes.gradeName}>{grades(check.grade)}</span>
        {check.quarantine === null ? null : <Tag tone="bad">{t('quarantine', { kind: kinds(check.quarantine) })}</Tag>}
      </div>
      <Facts
        items={[
          [
            t('score'),
            <span key="s" className="num">
              {formatNumber(language, check.score)} / 100
            </span>,
          ],
          [t('completeness'), check.completeness === null ? null : formatShare(language, check.completeness)],
          [t('repair'), <RepairEstimate key="r" check={check} />],
          [t('weight'), check.weightGrams === null ? null : formatMass(language, check.weightGrams)],
          [t('checkedBy'), <Instant key="c" at={check.checkedAt} timeZone={timeZone} />],
          [t('rubricName'), `${word(rubric?.name ?? humanised(check.rubricId))} · ${check.rubricRevision}`],
          [t('note'), check.note],
        ]}
      />
      {check.findings.length === 0 ? null : (
        <>
          <h3 className={classes.h3}>{t('findings')}</h3>
          <div className={classes.tags}>
            {check.findings.map((code) => (
              <Tag key={code} tone="neutral">
                {word(labelOf(rubric, code))}
              </Tag>
            ))}
          </div>
        </>
      )}
      {check.photos.length === 0 ? null : (
        <div className={classes.photos}>
          {check.photos.map(({ fileId, shot }) => (
            <a key={fileId} href={photoUrl(fileId)} target="_blank" rel="noreferrer">
              <img src={photoUrl(fileId)} alt={t('photoAlt', { shot: word(shotLabel(rubric, shot)) })} loading="lazy" />
            </a>
          ))}
        </div>
      )}
    </>
  )
}

function RepairEstimate({ check }: { check: QualityCheck }) {
  const t = useTranslations('quality')
  const { amount, minutes, isRepairable } = check.repairEstimate
  if (!isRepairable) return t('notRepairable')
  return (
    <>
      <Amount money={amount} />
      {minutes > 0 ? ` · ${t('repairMinutes', { minutes })}` : ''}
    </>
  )
}

function labelOf(rubric: Rubric | undefined, code: string): string {
  return rubric?.findings.find((finding) => finding.code === code)?.label ?? humanised(code)
}

function shotLabel(rubric: Rubric | undefined, shot: string): string {
  return rubric?.shots.find(({ id }) => id === shot)?.label ?? humanised(shot)
}
