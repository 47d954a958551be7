'use client'
import { CircleCheck, CircleX } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { GateConditionShown, ModelGate } from '../../../src/contracts/model-registry.ts'
import { DataTable } from '../../components/data-table.tsx'
import { Tag } from '../../components/tag.tsx'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'

const ids = [
  'contract_hash',
  'parity_rows',
  'parity_regression',
  'parity_probability',
  'grade_ece',
  'confidence_ece',
  'coverage',
  'effective_count',
  'gain_lower_bound',
] as const

/** Each condition of a promotion: what is wanted, what was measured, met or not. */
export function GateTable({ gate }: { gate: ModelGate }) {
  const t = useTranslations('models')
  const { language } = useLanguage()
  const valueOf = ({ value }: GateConditionShown) => {
    if (value === null) return t('notMeasured')
    if (typeof value === 'string') return short(value)
    return value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential(1) : formatNumber(language, value, 4)
  }
  return (
    <DataTable
      label={t('gateOf', { version: gate.version })}
      columns={[
        { name: t('condition') },
        { name: t('wanted'), isFigure: true },
        { name: t('found'), isFigure: true },
        { name: t('met') },
      ]}
      rows={gate.conditions.map((condition) => {
        const id = ids.find((one) => one === condition.id)
        return {
          id: condition.id,
          cells: [
            id === undefined ? condition.says : t(`gate.${id}`),
            short(condition.bar.replace('>=', '≥').replace('<=', '≤').replace(' to ', '–')),
            valueOf(condition),
            condition.met ? (
              <Tag key="met" tone="good" icon={CircleCheck}>
                {t('isMet')}
              </Tag>
            ) : (
              <Tag key="unmet" tone="bad" icon={CircleX}>
                {t('isUnmet')}
              </Tag>
            ),
          ],
        }
      })}
    />
  )
}

/** Hashes are compared by their beginnings. */
const short = (text: string) => text.replaceAll(/[0-9a-f]{16,}/g, (hash) => `${hash.slice(0, 12)}…`)
