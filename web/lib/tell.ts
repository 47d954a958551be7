'use client'
import { notifications } from '@mantine/notifications'
import { useTranslations } from 'use-intl'

/** Short messages in the corner: what was done, or what failed. */
export function useTell() {
  const t = useTranslations('common')
  const closeButtonProps = { 'aria-label': t('close') }
  return {
    done: (message: string) => notifications.show({ color: 'pine', message, closeButtonProps }),
    failed: (title: string, message: string) => notifications.show({ color: 'red', title, message, closeButtonProps }),
  }
}
