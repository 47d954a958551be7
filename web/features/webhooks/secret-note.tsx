'use client'
import { Button, CopyButton, Group, Text } from '@mantine/core'
import { useTranslations } from 'use-intl'
import { Panel } from '../../components/panel.tsx'
import type { WebhookWithSecret } from './api.ts'
import classes from './webhooks.module.css'

/** Shown once: whoever closes this without keeping it has to make a new one. */
export function SecretNote({ webhook, onDone }: { webhook: WebhookWithSecret; onDone: () => void }) {
  const t = useTranslations('webhooks')
  const common = useTranslations('common')
  return (
    <div className={classes.secret}>
      <Panel title={t('secretTitle')} mark="accent">
        <Text role="status" mb="sm">
          {t('secretText', { url: webhook.url })}
        </Text>
        <p className={`code ${classes.secretText}`}>{webhook.secret}</p>
        <Group>
          <CopyButton value={webhook.secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? common('copied') : common('copy')}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onDone}>{t('secretKept')}</Button>
        </Group>
      </Panel>
    </div>
  )
}
