'use client'
import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { Lock } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'

/** A page that the role may not open: it says which permission is missing, so that one knows what to ask for. */
export function Forbidden({ permission }: { permission: string }) {
  const t = useTranslations('forbidden')
  return (
    <Stack align="center" gap="sm" py={72} ta="center">
      <Lock size={36} strokeWidth={1.6} aria-hidden />
      <Title order={1}>{t('title')}</Title>
      <Text c="dimmed">
        {t('text')} <Code>{permission}</Code>
      </Text>
      <Button component={Link} href="/" mt="sm">
        {t('action')}
      </Button>
    </Stack>
  )
}
