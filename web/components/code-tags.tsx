'use client'
import { VisuallyHidden } from '@mantine/core'
import {
  Ban,
  CircleCheck,
  CircleDot,
  CirclePause,
  CircleX,
  Flame,
  Gavel,
  HeartHandshake,
  Inbox,
  type LucideIcon,
  MapPin,
  PackageCheck,
  PackageOpen,
  Recycle,
  ShoppingBag,
  Sparkles,
  Truck,
  Undo2,
  Warehouse,
  Wrench,
  ClipboardCheck,
  Cog,
} from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { Disposition, Grade, Stage } from '../../src/contracts/codes.ts'
import classes from './tag.module.css'
import { Tag, type Tone } from './tag.tsx'

const stageLooks: Readonly<Record<Stage, { tone: Tone; icon: LucideIcon }>> = {
  submitted: { tone: 'neutral', icon: Inbox },
  validated: { tone: 'neutral', icon: CircleCheck },
  recommended: { tone: 'neutral', icon: Sparkles },
  hub_assigned: { tone: 'neutral', icon: MapPin },
  received: { tone: 'info', icon: Warehouse },
  quality_check: { tone: 'info', icon: ClipboardCheck },
  disposition: { tone: 'info', icon: CircleDot },
  completed: { tone: 'good', icon: CircleCheck },
  rejected: { tone: 'bad', icon: CircleX },
  cancelled: { tone: 'neutral', icon: Ban },
}

export function StageTag({ stage }: { stage: Stage }) {
  const t = useTranslations('stage')
  return <Tag {...stageLooks[stage]}>{t(stage)}</Tag>
}

export const dispositionLooks: Readonly<Record<Disposition, { tone: Tone; icon: LucideIcon }>> = {
  restock: { tone: 'good', icon: PackageCheck },
  open_box: { tone: 'good', icon: PackageOpen },
  refurbish: { tone: 'good', icon: Wrench },
  resell: { tone: 'good', icon: ShoppingBag },
  vendor: { tone: 'info', icon: Truck },
  liquidate: { tone: 'info', icon: Gavel },
  parts: { tone: 'info', icon: Cog },
  donate: { tone: 'info', icon: HeartHandshake },
  recycle: { tone: 'info', icon: Recycle },
  destroy: { tone: 'bad', icon: Flame },
  return_to_customer: { tone: 'neutral', icon: Undo2 },
  hold: { tone: 'warn', icon: CirclePause },
}

/** A decision is filled; what is only recommended is drawn in outline. */
export function DispositionTag({ disposition, isDecided }: { disposition: Disposition; isDecided: boolean }) {
  const t = useTranslations()
  return (
    <Tag {...dispositionLooks[disposition]} isOutline={!isDecided}>
      <VisuallyHidden>{isDecided ? t('returns.decidedAs') : t('returns.recommendedAs')}: </VisuallyHidden>
      {t(`disposition.${disposition}`)}
    </Tag>
  )
}

const gradeTones: Readonly<Record<Grade, Tone>> = {
  S: 'good',
  A: 'good',
  B: 'good',
  C: 'info',
  D: 'warn',
  E: 'bad',
  Q: 'bad',
}

export function GradeTag({ grade }: { grade: Grade }) {
  const t = useTranslations('grade')
  return (
    <span className={`${classes.grade} ${classes[gradeTones[grade]]}`} title={t(grade)}>
      <span aria-hidden>{grade}</span>
      <VisuallyHidden>{t('label', { grade, name: t(grade) })}</VisuallyHidden>
    </span>
  )
}
