'use client'
import { formatAbout, formatInstant, formatFull, formatMoney } from '../lib/format.ts'
import { useLanguage } from '../lib/i18n.tsx'

type Money = { readonly amount: number; readonly currency: string }

export function Amount({ money, isSigned = false }: { money: Money; isSigned?: boolean }) {
  const { language } = useLanguage()
  return <span className="num">{formatMoney(language, money, isSigned)}</span>
}

/** A forecast: rounded to whole major units. */
export function About({ money, isSigned = false }: { money: Money; isSigned?: boolean }) {
  const { language } = useLanguage()
  return <span className="num">{formatAbout(language, money, isSigned)}</span>
}

export function Instant({ at, timeZone }: { at: string; timeZone: string }) {
  const { language } = useLanguage()
  return (
    <time dateTime={at} title={formatFull(language, at, timeZone)} className="num">
      {formatInstant(language, at, timeZone)}
    </time>
  )
}
