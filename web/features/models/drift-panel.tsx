'use client'
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { CircleCheck, CircleHelp, OctagonAlert, TriangleAlert } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { DriftLevel, DriftReport } from '../../../src/contracts/drift.ts'
import { DataRegion } from '../../components/data-region.tsx'
import { DataTable } from '../../components/data-table.tsx'
import { Facts } from '../../components/facts.tsx'
import { Panel } from '../../components/panel.tsx'
import { Tag } from '../../components/tag.tsx'
import { defaultTimeZone, formatInstant, formatNumber, formatShare } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import { modelKeys, readDrift } from './api.ts'
import classes from './models.module.css'

/** Whether the units of late are those that the model was trained on. */
export function DriftPanel() {
  const t = useTranslations('models')
  const drift = useQuery({ queryKey: modelKeys.drift, queryFn: ({ signal }) => readDrift(signal) })
  return (
    <Panel title={t('drift')}>
      <p className={classes.says}>{t('driftText')}</p>
      <DataRegion
        query={drift}
        skeleton={<Skeleton height={200} radius="md" />}
        isEmpty={(reports) => reports.length === 0}
        empty={<p>{t('noDrift')}</p>}
      >
        {(reports) => (
          <div className={classes.stack}>
            {reports.map((report) => (
              <Report key={`${report.engine} ${report.at}`} report={report} />
            ))}
          </div>
        )}
      </DataRegion>
    </Panel>
  )
}

function Report({ report }: { report: DriftReport }) {
  const t = useTranslations('models')
  const { language } = useLanguage()
  const time = (instant: string) => formatInstant(language, instant, defaultTimeZone)
  const figure = (value: number | null, digits = 3) => (value === null ? '–' : formatNumber(language, value, digits))
  const { calibration } = report
  const features = report.features.toSorted((a, b) => b.psi - a.psi)
  return (
    <section className={classes.stack} aria-label={report.engine}>
      <Facts
        items={[
          [t('driftState'), <Level key="level" level={report.level} />],
          [t('engine'), report.engine],
          [t('window'), `${time(report.from)} – ${time(report.to)}`],
          [t('units'), formatNumber(language, report.count)],
          [
            t('reference'),
            t(`referenceSource.${report.reference.source}`, {
              model: report.reference.model,
              count: formatNumber(language, report.reference.count),
            }),
          ],
          [
            t('gradeEce'),
            calibration === null ? null : (
              <span key="ece">
                {figure(calibration.gradeEce)} <Level level={calibration.level} />
              </span>
            ),
          ],
        ]}
      />
      {features.length === 0 ? null : (
        <DataTable
          label={t('byFeature')}
          columns={[
            { name: t('feature') },
            { name: t('driftState') },
            { name: t('psi'), isFigure: true },
            { name: t('ks'), isFigure: true },
            { name: t('cramersV'), isFigure: true },
            { name: t('pValue'), isFigure: true },
            { name: t('missing'), isFigure: true },
          ]}
          rows={features.map((one) => ({
            id: one.name,
            cells: [
              humanised(one.name),
              <Level key="level" level={one.level} />,
              figure(one.psi),
              figure(one.ks),
              figure(one.cramersV),
              figure(one.pValue),
              `${formatShare(language, one.missing.reference)} → ${formatShare(language, one.missing.window)}`,
            ],
          }))}
        />
      )}
    </section>
  )
}

const looks = {
  ok: { tone: 'good', icon: CircleCheck },
  warn: { tone: 'warn', icon: TriangleAlert },
  alert: { tone: 'bad', icon: OctagonAlert },
} as const

function Level({ level }: { level: DriftLevel | null }) {
  const t = useTranslations('models')
  if (level === null)
    return (
      <Tag tone="neutral" icon={CircleHelp}>
        {t('tooFew')}
      </Tag>
    )
  return <Tag {...looks[level]}>{t(`driftLevel.${level}`)}</Tag>
}
