'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'use-intl'
import { Amount } from '../../components/amounts.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { hubKeys, readPerformance } from './api.ts'

/** What the hub did in the last four weeks. */
export function PerformancePanel({ hubId }: { hubId: string }) {
  const t = useTranslations('hubs')
  const { language } = useLanguage()
  const performance = useQuery({
    queryKey: hubKeys.performance(hubId),
    queryFn: ({ signal }) => readPerformance(hubId, signal),
  })
  return (
    <Panel title={t('performance')}>
      <DataRegion query={performance} skeleton={<Skeleton height={200} radius="md" />}>
        {({ received, checked, completed, medianHoursToCompletion, overrideShare, recoveredValue }) => (
          <Facts
            isLedger
            items={[
              [t('received'), formatNumber(language, received)],
              [t('checked'), formatNumber(language, checked)],
              [t('completed'), formatNumber(language, completed)],
              [
                t('medianHours'),
                medianHoursToCompletion === null
                  ? null
                  : t('hours', { count: formatNumber(language, medianHoursToCompletion, 1) }),
              ],
              [t('overridden'), overrideShare === null ? null : formatShare(language, overrideShare)],
              ...recoveredValue.map(
                (money) => [t('recovered'), <Amount key={money.currency} money={money} />] as const,
              ),
            ]}
          />
        )}
      </DataRegion>
    </Panel>
  )
}
