'use client'
import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { useQueryStates } from 'nuqs'
import { useMemo } from 'react'
import { useTranslations } from 'use-intl'
import type { EsgReport } from '../../../src/contracts/analytics.ts'
import type { EsgTotal } from '../../../src/contracts/esg.ts'
import { Chart } from '../../components/chart.tsx'
import { DataRegion } from '../../components/data-region.tsx'
import { Forbidden } from '../../components/forbidden.tsx'
import { PageHead } from '../../components/page-head.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatCarbon, formatMass, formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { may } from '../../lib/permissions.ts'
import { saveFile } from '../../lib/save-file.ts'
import { useMe } from '../../lib/session.ts'
import { useNow } from '../../lib/use-now.ts'
import classes from '../analytics/analytics.module.css'
import { analyticsKeys, readEsg } from '../analytics/api.ts'
import { AsOf } from '../analytics/as-of.tsx'
import { csvOf } from '../analytics/csv.ts'
import { useKeyNames } from '../analytics/key-names.ts'
import { AnalyticsMessages } from '../analytics/messages.tsx'
import { ReportPanel } from '../analytics/report-panel.tsx'
import { ViewBar } from '../analytics/view-bar.tsx'
import { queryOf, viewParsers } from '../analytics/view.ts'
import { EsgTable } from './esg-table.tsx'

/** Carbon and landfill of the units closed in a period: ranges, gaps and versions beside every figure. */
export function EsgPage() {
  const me = useMe()
  if (me.data === undefined) return <Skeleton height={240} />
  if (!may(me.data, 'analytics:read')) return <Forbidden permission="analytics:read" />
  return (
    <AnalyticsMessages>
      <Esg mayReport={may(me.data, 'reports:create')} />
    </AnalyticsMessages>
  )
}

const parsers = { days: viewParsers.days, hub: viewParsers.hub }

function Esg({ mayReport }: { mayReport: boolean }) {
  const t = useTranslations('analytics')
  const [view, setView] = useQueryStates(parsers, { history: 'push' })
  const nowMs = useNow()
  const query = nowMs === null ? '' : queryOf(view, nowMs)
  const report = useQuery({
    queryKey: analyticsKeys.esg(query),
    queryFn: ({ signal }) => readEsg(query, signal),
    placeholderData: (before) => before,
    enabled: nowMs !== null,
  })
  return (
    <div className={classes.page}>
      <PageHead title={t('esgTitle')} subtitle={t('esgSubtitle')} />
      <ViewBar view={view} onChange={(changes) => void setView(changes)} />
      <DataRegion
        query={report}
        skeleton={<Skeleton height={420} radius="md" />}
        isEmpty={({ totals }) => totals.items === 0}
        empty={<p className={classes.soft}>{t('esgNothing')}</p>}
      >
        {(data) => <Report report={data} />}
      </DataRegion>
      {mayReport ? <ReportPanel view={view} nowMs={nowMs} first="esg" /> : null}
    </div>
  )
}

function Report({ report }: { report: EsgReport }) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  const { totals } = report
  return (
    <>
      <ul className={`${classes.tiles} ${classes.wide}`} aria-label={t('figures')}>
        <CarbonTile name={t('avoided')} total={totals.avoided} says={t('avoidedSays')} />
        <CarbonTile name={t('emitted')} total={totals.inventory} says={t('emittedSays')} />
        <li className={classes.tile}>
          <div className={classes.tileHead}>
            <span className={classes.tileName}>{t('diverted')}</span>
          </div>
          <div className={classes.tileValue}>
            <span className="num">{formatMass(language, totals.divertedGrams)}</span>
            <span className={classes.change}>
              {totals.diversionShare === null
                ? t('unknown')
                : t('ofMass', { share: formatShare(language, totals.diversionShare) })}
            </span>
          </div>
        </li>
        <li className={classes.tile}>
          <div className={classes.tileHead}>
            <span className={classes.tileName}>{t('closed')}</span>
          </div>
          <div className={classes.tileValue}>
            <span className="num">{formatNumber(language, totals.items)}</span>
            <span className={classes.change}>
              {t('reversed', { items: formatNumber(language, report.reversedItems) })}
            </span>
          </div>
        </li>
      </ul>
      <AsOf at={report.asOf} />
      <div className={classes.halves}>
        <ByDisposition report={report} />
        <ByFate report={report} />
      </div>
      <Parts report={report} />
      <Panel title={t('howToRead')}>
        {(['netted', 'ranges', 'missing', 'quality', 'reversals'] as const).map((name) => (
          <p key={name} className={classes.soft}>
            {t(`says.${name}`)}
          </p>
        ))}
        <p className={classes.soft}>
          {t('versions', {
            method: totals.methodVersions.join(', '),
            factors: report.factorsVersions.join(', '),
            gwp: totals.gwpBases.join(', '),
          })}
        </p>
      </Panel>
    </>
  )
}

function CarbonTile({ name, total, says }: { name: string; total: EsgTotal; says: string }) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  return (
    <li className={classes.tile}>
      <div className={classes.tileHead}>
        <span className={classes.tileName}>{name}</span>
      </div>
      <div className={classes.tileValue}>
        <span className="num">{formatCarbon(language, total.grams)}</span>
        <span className={classes.change}>
          {t('range', { low: formatCarbon(language, total.p05), high: formatCarbon(language, total.p95) })}
        </span>
        <span className={classes.change}>{says}</span>
      </div>
    </li>
  )
}

function ByDisposition({ report }: { report: EsgReport }) {
  const t = useTranslations('analytics')
  const esg = useTranslations('esg')
  const { language } = useLanguage()
  const nameOf = useKeyNames('disposition')
  const drawn = useMemo(() => {
    const rows = report.byDisposition.toSorted((a, b) => b.avoidedGrams - a.avoidedGrams)
    return {
      rows,
      buckets: rows.map(({ key }) => nameOf(key)),
      series: [
        { name: esg('avoided'), values: rows.map(({ avoidedGrams }) => avoidedGrams / 1000) },
        { name: esg('emitted'), values: rows.map(({ inventoryGrams }) => inventoryGrams / 1000) },
      ],
      format: (value: number) => formatNumber(language, value, 1),
    }
  }, [report, nameOf, esg, language])
  const heads = [t('dimension.disposition'), t('units'), t('mass'), t('diverted'), esg('emitted'), esg('avoided')]
  const save = () =>
    saveFile(
      'esg-by-disposition.csv',
      csvOf([
        [t('dimension.disposition'), 'items', 'massGrams', 'divertedGrams', 'inventoryGrams', 'avoidedGrams'],
        ...drawn.rows.map((row) => [
          row.key,
          row.items,
          row.massGrams,
          row.divertedGrams,
          row.inventoryGrams,
          row.avoidedGrams,
        ]),
      ]),
      'text/csv',
    )
  return (
    <Panel title={t('byDisposition')}>
      <Chart
        label={t('pictureOf', { name: t('byDisposition') })}
        kind="bar"
        isSideways
        buckets={drawn.buckets}
        series={drawn.series}
        axis="kg CO₂e"
        format={drawn.format}
        className={classes.chart}
      />
      <EsgTable
        label={t('byDisposition')}
        heads={heads}
        rows={drawn.rows.map((row) => [
          nameOf(row.key),
          formatNumber(language, row.items),
          formatMass(language, row.massGrams),
          formatMass(language, row.divertedGrams),
          formatCarbon(language, row.inventoryGrams),
          formatCarbon(language, row.avoidedGrams),
        ])}
      />
      <Button variant="subtle" leftSection={<Download size={18} aria-hidden />} onClick={save}>
        CSV
      </Button>
    </Panel>
  )
}

function ByFate({ report }: { report: EsgReport }) {
  const t = useTranslations('analytics')
  const esg = useTranslations('esg')
  const { language } = useLanguage()
  const streams = report.totals.streams.toSorted((a, b) => b.massGrams - a.massGrams)
  return (
    <Panel title={t('byMaterial')}>
      <EsgTable
        label={t('byFate')}
        heads={[esg('fate'), t('units'), t('mass'), t('share')]}
        rows={report.byFate
          .filter(({ items }) => items > 0)
          .map((row) => [
            esg(`fates.${row.fate as 'reuse'}`),
            formatNumber(language, row.items),
            formatMass(language, row.massGrams),
            formatShare(language, row.share),
          ])}
      />
      <EsgTable
        label={t('byMaterial')}
        heads={[esg('stream'), esg('fate'), t('units'), t('mass')]}
        rows={streams.map((row) => [
          esg(`streams.${row.wasteStream}`),
          esg(`fates.${row.fate}`),
          formatNumber(language, row.items),
          formatMass(language, row.massGrams),
        ])}
      />
    </Panel>
  )
}

/** Each part with its range, what is missing in it, and how good its data are. */
function Parts({ report }: { report: EsgReport }) {
  const t = useTranslations('analytics')
  const esg = useTranslations('esg')
  const { language } = useLanguage()
  const { totals } = report
  const gapsOf = (part: string) =>
    totals.gaps
      .filter((gap) => gap.part === part)
      .map(({ code, items }) => `${code} (${formatNumber(language, items)})`)
      .join(', ')
  return (
    <Panel title={t('parts')}>
      <EsgTable
        label={t('parts')}
        heads={[t('part'), 'kg CO₂e', t('rangeHead'), t('missing'), t('goodData'), t('gaps')]}
        rows={(['transport', 'hub', 'treatment', 'avoided'] as const).map((part) => {
          const total = totals[part]
          return [
            esg(part),
            formatNumber(language, total.grams / 1000, 2),
            t('range', {
              low: formatNumber(language, total.p05 / 1000, 2),
              high: formatNumber(language, total.p95 / 1000, 2),
            }),
            formatNumber(language, total.missingItems),
            formatShare(language, total.shareByQuality[0]! + total.shareByQuality[1]!),
            gapsOf(part),
          ]
        })}
      />
    </Panel>
  )
}
