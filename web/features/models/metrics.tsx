'use client'
import { Title } from '@mantine/core'
import { useTranslations } from 'use-intl'
import { DataTable } from '../../components/data-table.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { humanised } from '../../lib/words.ts'
import { measures, type MetricRow, metricTables, partsOf, subjects } from './metric-rows.ts'
import classes from './models.module.css'

const digits = 4

/** How well a version did on rows that it was not trained on, in each set of them. */
export function Metrics({ metrics }: { metrics: Readonly<Record<string, number>> }) {
  const t = useTranslations('models')
  const { language } = useLanguage()
  const { groups, calibration, accuracy, single } = metricTables(metrics)
  const nameOf = (name: string) => {
    const { of, measure, at } = partsOf(name)
    const subject = subjects.find((one) => one === of)
    const known = measures.find((one) => one === measure)
    if (subject === undefined || known === undefined) return humanised(name)
    return [t(`subject.${subject}`), t(`measure.${known}`), at === null ? null : t(at)].filter(Boolean).join(' · ')
  }
  const groupName = (group: string) =>
    group === 'test' || group === 'shift_category' || group === 'shift_festival' || group === 'shift_price'
      ? t(`group.${group}`)
      : humanised(group)
  const table = (label: string, rows: readonly MetricRow[]) =>
    rows.length === 0 ? null : (
      <section>
        <Title order={3} size="h5" mb={4}>
          {label}
        </Title>
        <DataTable
          label={label}
          columns={[{ name: t('measured') }, ...groups.map((group) => ({ name: groupName(group), isFigure: true }))]}
          rows={rows.map(({ name, values }) => ({
            id: name,
            cells: [
              nameOf(name),
              ...values.map((value) => (value === null ? '–' : formatNumber(language, value, digits))),
            ],
          }))}
        />
      </section>
    )
  const known = ['rows', 'calibratedOn', 'seconds', 'gate.gradeEce', 'gate.confidenceEce', 'gate.coverage'] as const
  const singleName = (path: string) => {
    const found = known.find((one) => one === path)
    return found === undefined ? humanised(path) : t(`single.${found.replace('gate.', '') as 'rows'}`)
  }
  return (
    <div className={classes.stack}>
      <Facts
        items={single.map(([path, value]) => [
          singleName(path),
          value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : formatNumber(language, value, digits),
        ])}
      />
      {table(t('calibration'), calibration)}
      {table(t('accuracy'), accuracy)}
    </div>
  )
}
