'use client'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { Amount } from '../../components/amounts.tsx'
import { Disclosure } from '../../components/disclosure.tsx'
import { useRefusalName } from '../../lib/code-words.ts'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './hub-candidates.module.css'

/** The hubs that were weighed for this unit, the chosen one first. */
export function HubCandidates({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations('hubChoice')
  const refusal = useRefusalName()
  const { language } = useLanguage()
  if (unit.hubCandidates.length === 0) return null
  const ordered = unit.hubCandidates.toSorted((a, b) => Number(b.hubId === unit.hubId) - Number(a.hubId === unit.hubId))
  return (
    <Disclosure label={t('title', { count: unit.hubCandidates.length })}>
      <ul className={classes.list}>
        {ordered.map((candidate) => (
          <li key={candidate.hubId}>
            <span className={classes.name}>
              {candidate.code}
              {candidate.hubId === unit.hubId ? ` · ${t('chosen')}` : ''}
            </span>
            <span className={classes.facts}>
              {candidate.refusedBy === null ? (
                <>
                  <Amount money={{ amount: candidate.costMinor, currency: unit.refund.currency }} /> ·{' '}
                </>
              ) : (
                `${refusal(candidate.refusedBy)} · `
              )}
              {candidate.distanceKm === null
                ? t('factsFarUnknown', { places: formatNumber(language, candidate.freePlaces) })
                : t('facts', {
                    km: formatNumber(language, candidate.distanceKm),
                    places: formatNumber(language, candidate.freePlaces),
                  })}
            </span>
          </li>
        ))}
      </ul>
    </Disclosure>
  )
}
