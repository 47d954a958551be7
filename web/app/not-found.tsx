'use client'
import { Button, Center, Stack, Text, Title } from '@mantine/core'
import Link from 'next/link'
import { useTranslations } from 'use-intl'

export default function NotFound() {
  const t = useTranslations('notFound')
  return (
    <Center component="main" mih="100dvh" p="lg">
      <Stack align="center" gap="md" maw={420} ta="center">
        <Title order={1}>{t('title')}</Title>
        <Text c="dimmed">{t('text')}</Text>
        <Button component={Link} href="/returns">
          {t('action')}
        </Button>
      </Stack>
    </Center>
  )
}
