'use client'
import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { dispositions, stages } from '../../../src/contracts/code-lists.ts'
import { formatInstant } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import type { Message } from './card.ts'
import classes from './station.module.css'

const icons = { ok: CircleCheck, bad: CircleAlert, attention: TriangleAlert } as const

/** What just happened and what to do next; a fault is read out at once. */
export function MessageStrip({ message, timeZone }: { message: Message | null; timeZone: string }) {
  const t = useTranslations('station')
  const words = useMessageWords(timeZone)
  const Icon = message === null ? null : icons[message.tone]
  return (
    <div
      className={classes.message}
      data-tone={message?.tone}
      data-message={message?.key}
      role={message?.tone === 'bad' ? 'alert' : 'status'}
      aria-label={t('messages')}
    >
      {message === null || Icon === null ? null : (
        <>
          <Icon size={28} aria-hidden />
          <div>
            <strong>{words(message)}</strong>
            <span>{t(`next.${message.key}`)}</span>
          </div>
        </>
      )}
    </div>
  )
}

function isOneOf<T extends string>(codes: readonly T[], code: string | undefined): code is T {
  return code !== undefined && (codes as readonly string[]).includes(code)
}

function useMessageWords(timeZone: string): (message: Message) => string {
  const t = useTranslations()
  const { language } = useLanguage()
  return ({ key, values }) => {
    const { at, disposition, stage } = values
    return t(`station.message.${key}`, {
      ...values,
      ...(at === undefined || at === '' ? { at: '' } : { at: formatInstant(language, at, timeZone) }),
      disposition: isOneOf(dispositions, disposition) ? t(`disposition.${disposition}`) : '',
      stage: isOneOf(stages, stage) ? t(`stage.${stage}`) : '',
    })
  }
}
