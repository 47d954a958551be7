'use client'
import { ActionIcon, Popover, VisuallyHidden } from '@mantine/core'
import { ArrowDown, ArrowRight, ArrowUp, Info } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { Figure } from '../../../src/contracts/analytics.ts'
import { formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import classes from './analytics.module.css'
import { changeOf, formatFigure } from './figure-value.ts'

/** One figure: it opens the units behind it, says how it is made, and how it was before. */
export function FigureTile({ figure }: { figure: Figure }) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  const name = t(`measure.${figure.id as 'returns'}`)
  const currency = figure.byCurrency.length === 1 ? figure.byCurrency[0]!.currency : null
  const values =
    figure.value === null && figure.byCurrency.length > 1
      ? figure.byCurrency.map((one) => ({ ...one, currency: one.currency as string | null }))
      : [{ value: figure.value, previous: figure.previous, currency }]
  return (
    <li className={classes.tile} data-figure={figure.id}>
      <div className={classes.tileHead}>
        <span className={classes.tileName}>{name}</span>
        <Definition name={name} formula={t(`formula.${figure.id as 'returns'}`)} />
      </div>
      {values.map(({ value, previous, currency: of }) => {
        const text = value === null ? t('unknown') : formatFigure(language, figure.unit, value, of)
        return (
          <div key={of} className={classes.tileValue}>
            {figure.list === null || value === null ? (
              <span className="num">{text}</span>
            ) : (
              <Link
                href={figure.list}
                prefetch={false}
                className="num"
                aria-label={t('openList', { name, value: text })}
              >
                {text}
              </Link>
            )}
            <Change unit={figure.unit} value={value} previous={previous} />
          </div>
        )
      })}
    </li>
  )
}

function Change({ unit, value, previous }: Pick<Figure, 'unit' | 'value' | 'previous'>) {
  const t = useTranslations('analytics')
  const { language } = useLanguage()
  const change = changeOf(unit, value, previous)
  if (change === null) return <span className={classes.change}>{t('nothingBefore')}</span>
  const Icon = Math.abs(change) < 0.05 ? ArrowRight : change > 0 ? ArrowUp : ArrowDown
  const size = formatNumber(language, Math.abs(change), 1)
  return (
    <span className={classes.change}>
      <Icon size={14} aria-hidden />
      {unit === 'share' ? t('points', { size }) : t('percent', { size })}
      <VisuallyHidden>{change < 0 ? t('less') : t('more')}</VisuallyHidden>
    </span>
  )
}

function Definition({ name, formula }: { name: string; formula: string }) {
  const t = useTranslations('analytics')
  return (
    <Popover position="bottom-end" shadow="md" width={280} trapFocus returnFocus>
      <Popover.Target>
        <ActionIcon aria-label={t('definitionOf', { name })}>
          <Info size={16} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <p className={classes.definition}>{formula}</p>
      </Popover.Dropdown>
    </Popover>
  )
}
