'use client'
import { Button, CopyButton, Group, Text } from '@mantine/core'
import { useTranslations } from 'use-intl'
import classes from './login-page.module.css'

/** Shown once: whoever closes this without keeping them has to make new ones. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  const t = useTranslations('secondFactor')
  const common = useTranslations('common')
  return (
    <section aria-label={t('codesTitle')} className={classes.fields}>
      <Text role="status">{t('codesText')}</Text>
      <ul className={classes.codes}>
        {codes.map((code) => (
          <li key={code} className="code">
            {code}
          </li>
        ))}
      </ul>
      <Group>
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? common('copied') : common('copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('codesKept')}</Button>
      </Group>
    </section>
  )
}
