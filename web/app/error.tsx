'use client'
import { Button, Center, Stack, Text, Title } from '@mantine/core'
import { useTranslations } from 'use-intl'

export default function PageCrashed({ reset }: { reset: () => void }) {
  const t = useTranslations()
  return (
    <Center component="main" mih="60dvh" p="lg">
      <Stack align="center" gap="md" maw={420} ta="center">
        <Title order={1}>{t('crash.title')}</Title>
        <Text c="dimmed">{t('crash.text')}</Text>
        <Button onClick={reset}>{t('common.retry')}</Button>
      </Stack>
    </Center>
  )
}
