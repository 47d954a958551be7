'use client'
import { VisuallyHidden } from '@mantine/core'
import { Check, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Stage } from '../../../src/contracts/codes.ts'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import classes from './stage-stepper.module.css'

const path: readonly Stage[] = [
  'submitted',
  'recommended',
  'hub_assigned',
  'received',
  'quality_check',
  'disposition',
  'completed',
]

/** How far it came: for one that ended early, the stages it reached and the end. */
function stepsOf(unit: ReturnDetail): { readonly stages: readonly Stage[]; readonly at: number } {
  if (unit.stage === 'rejected' || unit.stage === 'cancelled') {
    const reached: readonly Stage[] = [
      'submitted',
      ...(unit.recommendation === null ? [] : (['recommended'] as const)),
      ...(unit.hubId === null ? [] : (['hub_assigned'] as const)),
      unit.stage,
    ]
    return { stages: reached, at: reached.length - 1 }
  }
  return { stages: path, at: unit.stage === 'validated' ? 0 : path.indexOf(unit.stage) }
}

export function StageStepper({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations()
  const { stages, at } = stepsOf(unit)
  const isEnded = unit.stage === 'rejected' || unit.stage === 'cancelled'
  return (
    <ol className={classes.steps} aria-label={t('detail.stages')}>
      {stages.map((stage, place) => {
        const isDone = place < at || (stage === 'completed' && place === at)
        const isNow = place === at
        return (
          <li
            key={stage}
            className={`${classes.step} ${isDone ? classes.done : ''} ${isNow ? classes.now : ''} ${isNow && isEnded ? classes.ended : ''}`}
            aria-current={isNow ? 'step' : undefined}
          >
            <span className={classes.dot} aria-hidden>
              {isDone ? <Check size={12} strokeWidth={3.5} /> : null}
              {isNow && isEnded ? <X size={12} strokeWidth={3.5} /> : null}
            </span>
            <span className={classes.name}>
              {t(`stage.${stage}`)}
              <VisuallyHidden>
                : {isNow ? t('detail.stepNow') : isDone ? t('detail.stepDone') : t('detail.stepNext')}
              </VisuallyHidden>
            </span>
          </li>
        )
      })}
    </ol>
  )
}
