'use client'
import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { useReference } from '../../lib/i18n.tsx'
import { type DemoUser, readDemoUsers } from './api.ts'
import classes from './login-page.module.css'

type Props = { readonly isDisabled: boolean; readonly onChoose: (user: Pick<DemoUser, 'email' | 'password'>) => void }

/** A button for each login that a demo has; nothing where the demo is off. */
export function DemoUsers({ isDisabled, onChoose }: Props) {
  const t = useTranslations('login')
  const word = useReference()
  const demo = useQuery({
    queryKey: ['demo-users'],
    queryFn: ({ signal }) => readDemoUsers(signal),
    staleTime: Infinity,
  })
  if (demo.data === undefined || demo.data.length === 0) return null
  return (
    <section className={classes.demo} aria-label={t('demoTitle')}>
      <Text size="sm" c="dimmed">
        {t('demoText')}
      </Text>
      <div className={classes.demoUsers}>
        {demo.data.map(({ email, password, label }) => (
          <Button
            key={email}
            variant="default"
            px="xs"
            disabled={isDisabled}
            onClick={() => onChoose({ email, password })}
          >
            {word(label)}
          </Button>
        ))}
      </div>
    </section>
  )
}
