'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { DataRegion } from '../../components/data-region.tsx'
import { defaultTimeZone, formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { privacyKeys, readPerson } from './api.ts'
import classes from './privacy.module.css'

const events = [
  'PersonExported',
  'PersonErased',
  'PersonRestricted',
  'PersonReleased',
  'ConsentGiven',
  'ConsentWithdrawn',
] as const
type Known = (typeof events)[number]

/** What the person has said, and what was done with the data. */
export function PersonMore({ id }: { id: string }) {
  const t = useTranslations('privacy')
  const { language } = useLanguage()
  const person = useQuery({
    queryKey: privacyKeys.person(id),
    queryFn: ({ signal }) => readPerson(id, signal),
  })
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  return (
    <div className={classes.more}>
      <DataRegion query={person} skeleton={<Skeleton height={72} />}>
        {({ consents, log, photos }) => (
          <>
            <div>
              <h3>{t('consents')}</h3>
              {consents.length === 0 ? t('noConsents') : null}
              <ul>
                {consents.map((consent) => (
                  <li key={consent.purpose}>
                    {t(`purpose.${consent.purpose}`)}: {consent.isGiven ? t('given') : t('withdrawn')},{' '}
                    {time(consent.at)}
                  </li>
                ))}
              </ul>
            </div>
            <div>
              <h3>{t('log')}</h3>
              {log.length === 0 ? t('noLog') : null}
              <ul>
                {log.map((record) => (
                  <li key={record.seq}>
                    {t(`event.${events.includes(record.type as Known) ? (record.type as Known) : 'other'}`)},{' '}
                    {time(record.at)}
                  </li>
                ))}
              </ul>
            </div>
            <div>{t('photos', { count: photos })}</div>
          </>
        )}
      </DataRegion>
    </div>
  )
}
