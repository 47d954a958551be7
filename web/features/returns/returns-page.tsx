'use client'
import { Button, Skeleton, Stack, Text, Title } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { ChevronRight, ChevronsLeft, PackagePlus, PackageSearch } from 'lucide-react'
import Link from 'next/link'
import { useRouter, useSearchParams } from 'next/navigation'
import { useQueryStates } from 'nuqs'
import { useTranslations } from 'use-intl'
import { ToggleChip } from '../../components/filter-chip.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Tag } from '../../components/tag.tsx'
import { may } from '../../lib/permissions.ts'
import { useMe } from '../../lib/session.ts'
import { keys, readReturns } from './api.ts'
import { ListFilters } from './list-filters.tsx'
import { apiQuery, conditionsOf, isFiltered, listParsers, noFilters } from './list-query.ts'
import { ReturnsTable } from './returns-table.tsx'
import classes from './returns-page.module.css'

const refreshMs = 20_000

export function ReturnsPage() {
  const t = useTranslations('returns')
  const me = useMe()
  const [state, setState] = useQueryStates(listParsers, { history: 'push' })
  const conditions = conditionsOf(new URLSearchParams(useSearchParams()))
  const router = useRouter()
  const isNarrowed = isFiltered(state) || conditions.length > 0
  const query = apiQuery(state, conditions)
  const list = useQuery({
    queryKey: keys.list(query),
    queryFn: ({ signal }) => readReturns(query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: refreshMs,
  })
  const isCreator = me.data !== undefined && may(me.data, 'returns:create')
  const newReturn = (
    <Button component={Link} href="/returns/new" prefetch={false} leftSection={<PackagePlus size={18} />}>
      {t('new')}
    </Button>
  )
  return (
    <>
      <PageHead title={t('title')} subtitle={t('subtitle')}>
        {isCreator ? newReturn : null}
      </PageHead>
      <ListFilters state={state} onChange={(changes) => void setState({ cursor: null, ...changes })} />
      {conditions.length === 0 ? null : (
        <ToggleChip label={t('behindFigure')} isOn onChange={() => router.push('/returns')} />
      )}
      <DataRegion
        query={list}
        skeleton={<ListSkeleton />}
        isEmpty={(page) => page.data.length === 0}
        empty={
          <div className={classes.frame}>
            <Stack align="center" gap="sm" py={56} px="lg" ta="center">
              <PackageSearch size={40} strokeWidth={1.5} aria-hidden />
              <Title order={2}>{isNarrowed ? t('emptyFilteredTitle') : t('emptyTitle')}</Title>
              <Text c="dimmed">{isNarrowed ? t('emptyFilteredText') : t('emptyText')}</Text>
              {isNarrowed ? (
                <Button
                  variant="default"
                  onClick={() => (conditions.length > 0 ? router.push('/returns') : void setState(noFilters))}
                >
                  {t('clearAll')}
                </Button>
              ) : null}
              {!isNarrowed && isCreator ? newReturn : null}
            </Stack>
          </div>
        }
      >
        {(page) => (
          <>
            <ReturnsTable returns={page.data} isOld={list.isPlaceholderData} />
            <p className={classes.legend}>
              <Tag tone="neutral" isOutline>
                {t('recommendedAs')}
              </Tag>
              <Tag tone="neutral">{t('decidedAs')}</Tag>
            </p>
            <nav className={classes.foot} aria-label={t('tableLabel')}>
              {state.cursor === null ? null : (
                <Button
                  variant="default"
                  leftSection={<ChevronsLeft size={18} />}
                  onClick={() => void setState({ cursor: null })}
                >
                  {t('firstPage')}
                </Button>
              )}
              {page.page.nextCursor === null ? null : (
                <Button
                  variant="default"
                  rightSection={<ChevronRight size={18} />}
                  onClick={() => void setState({ cursor: page.page.nextCursor }, { scroll: true })}
                >
                  {t('nextPage')}
                </Button>
              )}
            </nav>
          </>
        )}
      </DataRegion>
    </>
  )
}

function ListSkeleton() {
  return (
    <div className={classes.frame}>
      {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((row) => (
        <div key={row} style={{ padding: '14px 16px', display: 'flex', gap: 24 }}>
          <Skeleton height={16} width="34%" />
          <Skeleton height={16} width="14%" />
          <Skeleton height={16} width="18%" />
          <Skeleton height={16} width="10%" />
        </div>
      ))}
    </div>
  )
}
