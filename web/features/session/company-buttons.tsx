'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Building2 } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { readProviders } from './api.ts'

/** One button a company whose people sign in by their own login. */
export function CompanyButtons({ next }: { next: string }) {
  const t = useTranslations('login')
  const providers = useQuery({
    queryKey: ['login-providers'],
    queryFn: ({ signal }) => readProviders(signal),
    staleTime: Infinity,
  })
  return (providers.data ?? []).map(({ id, name }) => (
    <Button
      key={id}
      component="a"
      href={`/api/auth/company/${id}?next=${encodeURIComponent(next)}`}
      variant="default"
      fullWidth
      leftSection={<Building2 size={18} aria-hidden />}
    >
      {t('company', { name })}
    </Button>
  ))
}
