'use client'
import { type ReactNode, useEffect, useState } from 'react'
import { IntlProvider, useMessages, useTimeZone } from 'use-intl'
import english from '../../messages/station.en.json' with { type: 'json' }
import { useLanguage } from '../../lib/i18n.tsx'

/** The words of the station, beside those of all pages: no other page carries them. */
export function StationMessages({ children }: { children: ReactNode }) {
  const { language } = useLanguage()
  const shared = useMessages()
  const timeZone = useTimeZone()
  const [hindi, setHindi] = useState<typeof english | null>(null)
  useEffect(() => {
    if (language === 'hi' && hindi === null)
      void import('../../messages/station.hi.json').then((file) => setHindi(file.default))
  }, [language, hindi])
  const station = language === 'hi' && hindi !== null ? hindi : english
  return (
    <IntlProvider locale={language} messages={{ ...shared, station }} timeZone={timeZone ?? 'Asia/Kolkata'}>
      {children}
    </IntlProvider>
  )
}
