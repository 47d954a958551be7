'use client'
import { Text } from '@mantine/core'
import { useTranslations } from 'use-intl'
import type { Enrolment as Made } from '../../../src/contracts/session.ts'
import classes from './login-page.module.css'

/** What an authenticator app reads, as a picture and as letters. The picture is drawn by our own server. */
export function Enrolment({ secret, qr }: Pick<Made, 'secret' | 'qr'>) {
  const t = useTranslations('secondFactor')
  return (
    <div className={classes.enrolment}>
      {/* oxlint-disable-next-line nextjs/no-img-element -- a picture in the page itself, nothing to optimise */}
      <img
        src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`}
        alt={t('qr')}
        width={184}
        height={184}
        className={classes.qr}
      />
      <div>
        <Text size="sm">{t('scan')}</Text>
        <Text size="sm" c="dimmed" mt={8}>
          {t('orType')}
        </Text>
        <code className={`${classes.secret} code`}>{secret.match(/.{1,4}/g)?.join(' ')}</code>
      </div>
    </div>
  )
}
