'use client'
import { CircleCheckBig, Eye } from 'lucide-react'
import type { ComponentType } from 'react'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { AssignPanel } from './assign-panel.tsx'
import { ExecutePanel } from './execute-panel.tsx'
import { ReceivePanel } from './receive-panel.tsx'
import classes from './return-page.module.css'
import { ReviewPanel } from './review-panel.tsx'

type Props = {
  readonly unit: ReturnDetail
  readonly CheckForm: ComponentType<{ readonly unit: ReturnDetail }>
}

/** What can be done now, and nothing else: the commands that the API says are allowed. */
export function NextStep({ unit, CheckForm }: Props) {
  const t = useTranslations('detail')
  const may = (name: ReturnDetail['allowed'][number]) => unit.allowed.includes(name)
  const current = unit.dispositions.find((record) => record.isCurrent)
  const isClosed = unit.stage === 'completed' || unit.stage === 'rejected' || unit.stage === 'cancelled'
  return (
    <>
      {unit.needsReview || unit.acceptance === 'manual_review' ? <ReviewPanel unit={unit} /> : null}
      {may('assign') && unit.hubId === null ? <AssignPanel unit={unit} /> : null}
      {may('receive') ? <ReceivePanel unit={unit} /> : null}
      {may('check') && unit.grade === null ? <CheckForm unit={unit} /> : null}
      {may('execute') && current !== undefined ? (
        <ExecutePanel key={`${current.id} ${current.execution}`} unit={unit} record={current} />
      ) : null}
      {isClosed && !may('execute') ? (
        <p className={`${classes.standing} ${classes.standingDone}`}>
          <CircleCheckBig size={20} aria-hidden />
          {t('nothingToDo')}
        </p>
      ) : null}
      {!isClosed && unit.allowed.length === 0 ? (
        <p className={classes.standing}>
          <Eye size={20} aria-hidden />
          {t('noRight')}
        </p>
      ) : null}
    </>
  )
}
