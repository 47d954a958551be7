'use client'
import { Skeleton } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { type ComponentType, useState } from 'react'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { useMe } from '../../lib/session.ts'
import { withAllowed } from './allowed.ts'
import { keys, readReturn } from './api.ts'
import { AuditPanel } from './audit-panel.tsx'
import { DetailsPanel } from './details-panel.tsx'
import { EsgPanel } from './esg-panel.tsx'
import { HoldReturnProvider } from './held-return.ts'
import { MoneyPanel } from './money-panel.tsx'
import { NextStep } from './next-step.tsx'
import { RecommendationPanel } from './recommendation-panel.tsx'
import { ReturnHead } from './return-head.tsx'
import classes from './return-page.module.css'
import { TimelinePanel } from './timeline-panel.tsx'

const refreshMs = 15_000

type Props = {
  readonly CheckForm: ComponentType<{ readonly unit: ReturnDetail }>
  readonly QualityPanel: ComponentType<{ readonly unit: ReturnDetail }>
}

/** The id stands in the address only: the page itself is one prerendered shell for all returns. */
export function ReturnPage({ CheckForm, QualityPanel }: Props) {
  const id = usePathname().split('/')[2] ?? ''
  const detail = useQuery({
    queryKey: keys.detail(id),
    queryFn: ({ signal }) => readReturn(id, signal),
    refetchInterval: refreshMs,
  })
  const me = useMe()
  const [held, hold] = useState<ReturnDetail | null>(null)
  useDocumentTitle(detail.data === undefined ? 'SmartReturns' : `${detail.data.title} · SmartReturns`)
  return (
    <HoldReturnProvider value={hold}>
      <DataRegion query={detail} skeleton={<PageSkeleton />}>
        {(found) => (
          <Whole unit={held ?? withAllowed(found, me.data)} CheckForm={CheckForm} QualityPanel={QualityPanel} />
        )}
      </DataRegion>
    </HoldReturnProvider>
  )
}

function Whole({ unit, CheckForm, QualityPanel }: Props & { readonly unit: ReturnDetail }) {
  return (
    <>
      <ReturnHead unit={unit} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <NextStep unit={unit} CheckForm={CheckForm} />
          <RecommendationPanel unit={unit} />
          <QualityPanel unit={unit} />
          <div className={classes.pair}>
            <MoneyPanel unit={unit} />
            <EsgPanel unit={unit} />
          </div>
        </div>
        <div className={classes.column}>
          <TimelinePanel unit={unit} />
          <DetailsPanel unit={unit} />
          <AuditPanel unit={unit} />
        </div>
      </div>
    </>
  )
}

function PageSkeleton() {
  return (
    <>
      <Skeleton height={30} width="46%" mb="sm" />
      <Skeleton height={18} width="62%" mb="xl" />
      <Skeleton height={48} mb="lg" radius="lg" />
      <div className={classes.columns}>
        <Skeleton height={360} radius="lg" />
        <Skeleton height={360} radius="lg" />
      </div>
    </>
  )
}
