'use client'
import { ActionIcon, Button, CopyButton, Menu, Title, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { AlarmClock, ArrowLeft, Ban, Check, Copy, EllipsisVertical, Flag, Printer } from 'lucide-react'
import Link from 'next/link'
import { useTranslations } from 'use-intl'
import type { ReturnDetail } from '../../../src/contracts/returns.ts'
import { GradeTag, StageTag } from '../../components/code-tags.tsx'
import { Tag } from '../../components/tag.tsx'
import { formatFull, formatInstant, formatNumber } from '../../lib/format.ts'
import { useLanguage } from '../../lib/i18n.tsx'
import { useTimeZone } from '../../lib/places.ts'
import { useNow } from '../../lib/use-now.ts'
import { CancelDialog } from './cancel-dialog.tsx'
import classes from './return-head.module.css'
import { StageStepper } from './stage-stepper.tsx'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Nearer than this the hours that are left say more than the date. */
const soonMs = 2 * dayMs

export function ReturnHead({ unit }: { unit: ReturnDetail }) {
  const t = useTranslations()
  const { language } = useLanguage()
  const timeZone = useTimeZone(unit.hubId)
  const now = useNow()
  const [isCancelling, cancelling] = useDisclosure(false)
  const isOverdue = unit.dueAt !== null && now !== null && Date.parse(unit.dueAt) < now
  return (
    <>
      <Link href="/returns" className={classes.crumb}>
        <ArrowLeft size={16} aria-hidden /> {t('detail.back')}
      </Link>
      <div className={classes.top}>
        <div className={classes.words}>
          <Title order={1}>{unit.title}</Title>
          <div className={classes.line}>
            <span className={classes.lpn}>
              <span className="code" data-testid="lpn">
                {unit.lpn}
              </span>
              <CopyCode code={unit.lpn} />
            </span>
            {unit.sku === null ? null : <span>{unit.sku}</span>}
            {unit.orderRef === null ? null : <span>{t('detail.order', { order: unit.orderRef })}</span>}
            {unit.hubCode === null ? null : (
              <span>
                {t('detail.hub', { hub: unit.hubCode })}
                {unit.hubDistanceKm === null
                  ? ''
                  : `, ${t('detail.distance', { km: formatNumber(language, unit.hubDistanceKm) })}`}
              </span>
            )}
            {now === null ? null : (
              <span>
                {t('detail.age', {
                  days: Math.max(0, Math.floor((now - Date.parse(unit.requestedAt)) / dayMs)),
                })}
              </span>
            )}
            {unit.dueAt === null || now === null || isOverdue ? null : (
              <span title={formatFull(language, unit.dueAt, timeZone)}>
                {Date.parse(unit.dueAt) - now < soonMs
                  ? t('detail.dueInHours', { hours: Math.max(1, Math.round((Date.parse(unit.dueAt) - now) / hourMs)) })
                  : t('detail.dueIn', { when: formatInstant(language, unit.dueAt, timeZone) })}
              </span>
            )}
            <span>{t('detail.version', { version: unit.version })}</span>
          </div>
          <div className={classes.tags}>
            <StageTag stage={unit.stage} />
            {unit.grade === null ? null : <GradeTag grade={unit.grade} />}
            {unit.needsReview ? (
              <Tag tone="warn" icon={Flag}>
                {t('returns.needsReview')}
              </Tag>
            ) : null}
            {isOverdue && unit.dueAt !== null ? (
              <Tag tone="bad" icon={AlarmClock}>
                {t('detail.overdueSince', { when: formatInstant(language, unit.dueAt, timeZone) })}
              </Tag>
            ) : null}
          </div>
        </div>
        <div className={classes.tools}>
          <Button
            component="a"
            href={`/api/returns/${unit.id}/label?format=pdf`}
            target="_blank"
            rel="noreferrer"
            variant="default"
            leftSection={<Printer size={18} />}
          >
            {t('detail.label')}
          </Button>
          {unit.allowed.includes('cancel') ? (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="default" aria-label={t('detail.more')}>
                  <EllipsisVertical size={20} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<Ban size={16} />} onClick={cancelling.open}>
                  {t('cancelReturn.action')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          ) : null}
        </div>
      </div>
      <StageStepper unit={unit} />
      <CancelDialog unit={unit} isOpen={isCancelling} onClose={cancelling.close} />
    </>
  )
}

function CopyCode({ code }: { code: string }) {
  const t = useTranslations('common')
  return (
    <CopyButton value={code} timeout={1500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t('copied') : t('copy')}>
          <ActionIcon className={classes.copy} onClick={copy} aria-label={copied ? t('copied') : t('copy')}>
            {copied ? <Check size={16} /> : <Copy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}
