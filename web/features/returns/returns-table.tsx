'use client'
import { useMediaQuery } from '@mantine/hooks'
import { AlarmClock, Flag } from 'lucide-react'
import Link from 'next/link'
import { useDeferredValue } from 'react'
import { useTranslations } from 'use-intl'
import type { Return } from '../../../src/contracts/returns.ts'
import { About, Amount, Instant } from '../../components/amounts.tsx'
import { DispositionTag, GradeTag, StageTag } from '../../components/code-tags.tsx'
import { Tag } from '../../components/tag.tsx'
import { useNow } from '../../lib/use-now.ts'
import { useHubs } from '../../lib/places.ts'
import { defaultTimeZone } from '../../lib/format.ts'
import classes from './returns-page.module.css'

/** As many as a screen holds: they are painted first, the others right after. */
const firstRows = 25

type Props = { readonly returns: readonly Return[]; readonly isOld: boolean }

export function ReturnsTable({ returns, isOld }: Props) {
  const t = useTranslations('returns')
  const shown = useDeferredValue(returns, returns.slice(0, firstRows))
  const zones = new Map((useHubs().data ?? []).map((hub) => [hub.id, hub.timezone]))
  const zoneOf = (unit: Return) => zones.get(unit.hubId ?? '') ?? defaultTimeZone
  // Before the data there is nothing to prerender: the width is asked at once, and only one of the two is built.
  const isNarrow = useMediaQuery('(max-width: 900px)', false, { getInitialValueInEffect: false })
  return (
    <div className={classes.frame} style={{ opacity: isOld ? 0.6 : 1 }} aria-busy={isOld}>
      {isNarrow ? (
        <ul className={classes.cards} aria-label={t('tableLabel')}>
          {shown.map((unit) => (
            <li key={unit.id} className={classes.card}>
              <div className={classes.cardTop}>
                <div>
                  <Unit unit={unit} />
                </div>
                <Value unit={unit} />
              </div>
              <div className={classes.tags}>
                <Standing unit={unit} />
                <Route unit={unit} />
                {unit.grade === null ? null : <GradeTag grade={unit.grade} />}
              </div>
            </li>
          ))}
        </ul>
      ) : (
        <table className={classes.table}>
          <caption hidden>{t('tableLabel')}</caption>
          <thead>
            <tr>
              <th scope="col">{t('colReturn')}</th>
              <th scope="col">{t('colStage')}</th>
              <th scope="col">{t('colRoute')}</th>
              <th scope="col" className={classes.right}>
                {t('colValue')}
              </th>
              <th scope="col">{t('colGrade')}</th>
              <th scope="col">{t('colHub')}</th>
              <th scope="col">{t('colDue')}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((unit) => (
              <tr key={unit.id}>
                <td className={classes.unit}>
                  <Unit unit={unit} />
                </td>
                <td>
                  <Standing unit={unit} />
                </td>
                <td>
                  <Route unit={unit} />
                </td>
                <td className={classes.right}>
                  <Value unit={unit} />
                </td>
                <td>{unit.grade === null ? null : <GradeTag grade={unit.grade} />}</td>
                <td className="num">{unit.hubCode}</td>
                <td>{unit.dueAt === null ? null : <Due at={unit.dueAt} timeZone={zoneOf(unit)} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  )
}

function Unit({ unit }: { unit: Return }) {
  return (
    <>
      <Link href={`/returns/${unit.id}`} prefetch={false} className={classes.open}>
        {unit.title}
      </Link>
      <span className={classes.sub}>
        <span className="code">{unit.lpn}</span>
        {unit.sku === null ? null : ` · ${unit.sku}`}
      </span>
    </>
  )
}

function Standing({ unit }: { unit: Return }) {
  const t = useTranslations('returns')
  return (
    <span className={classes.tags}>
      <StageTag stage={unit.stage} />
      {unit.needsReview ? (
        <Tag tone="warn" icon={Flag}>
          {t('needsReview')}
        </Tag>
      ) : null}
    </span>
  )
}

function Route({ unit }: { unit: Return }) {
  const disposition = unit.disposition ?? unit.recommendation?.disposition
  if (disposition === undefined) return null
  return <DispositionTag disposition={disposition} isDecided={unit.disposition !== null} />
}

function Value({ unit }: { unit: Return }) {
  if (unit.realisedValue !== null) {
    return (
      <span className={classes.value}>
        <Amount money={unit.realisedValue} />
      </span>
    )
  }
  const expected = unit.expectedValue ?? unit.recommendation?.value
  return expected === undefined ? null : <About money={expected} />
}

function Due({ at, timeZone }: { at: string; timeZone: string }) {
  const t = useTranslations('returns')
  const now = useNow()
  if (now === null || Date.parse(at) > now) return <Instant at={at} timeZone={timeZone} />
  return (
    <Tag tone="bad" icon={AlarmClock}>
      {t('overdue')}
    </Tag>
  )
}
