'use client'
import { type ReactNode, useEffect, useState } from 'react'
import { IntlProvider, useMessages, useTimeZone } from 'use-intl'
import { type Messages, useLanguage } from '../lib/i18n.tsx'
import { defaultTimeZone } from '../lib/format.ts'

type Part = 'station' | 'analytics' | 'access' | 'imports' | 'hubs' | 'models' | 'jobs' | 'admin' | 'policies'
type Props<P extends Part> = {
  readonly part: P
  readonly english: Messages[P]
  readonly readHindi: () => Promise<Messages[P]>
  readonly children: ReactNode
}

/** Words of one part of the pages beside those of all: no other page carries them. */
export function PageMessages<P extends Part>({ part, english, readHindi, children }: Props<P>) {
  const { language } = useLanguage()
  const shared = useMessages()
  const timeZone = useTimeZone()
  const [hindi, setHindi] = useState<Messages[P] | null>(null)
  useEffect(() => {
    if (language === 'hi' && hindi === null) void readHindi().then(setHindi)
  }, [language, hindi, readHindi])
  const words = language === 'hi' && hindi !== null ? hindi : english
  return (
    <IntlProvider locale={language} messages={{ ...shared, [part]: words }} timeZone={timeZone ?? defaultTimeZone}>
      {children}
    </IntlProvider>
  )
}
