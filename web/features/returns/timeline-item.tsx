'use client'
import {
  Ban,
  Banknote,
  CircleHelp,
  ClipboardCheck,
  Clock,
  EyeOff,
  Gavel,
  Inbox,
  Leaf,
  type LucideIcon,
  MapPin,
  MapPinOff,
  MessageSquare,
  PackageCheck,
  ShieldCheck,
  Sparkles,
  Truck,
  Undo2,
} from 'lucide-react'
import { useTranslations } from 'use-intl'
import type { ReturnEventType } from '../../../src/contracts/events.ts'
import type { ReturnDetail, TimelineEntry } from '../../../src/contracts/returns.ts'
import { Instant } from '../../components/amounts.tsx'
import { useTimeZone } from '../../lib/places.ts'
import { useMe } from '../../lib/session.ts'
import { humanised } from '../../lib/words.ts'
import { useChangeWords } from './change-words.ts'
import classes from './timeline-panel.module.css'

const looks: Readonly<Record<ReturnEventType, readonly [LucideIcon, 'ai' | 'money' | 'bad' | 'plain']>> = {
  ReturnSubmitted: [Inbox, 'plain'],
  ReturnValidated: [ShieldCheck, 'plain'],
  DispositionRecommended: [Sparkles, 'ai'],
  HubAssigned: [MapPin, 'plain'],
  HubNotFound: [MapPinOff, 'bad'],
  ReservationLapsed: [Clock, 'bad'],
  ReviewResolved: [ShieldCheck, 'plain'],
  ReturnReceived: [PackageCheck, 'plain'],
  QualityChecked: [ClipboardCheck, 'plain'],
  DispositionDecided: [Gavel, 'plain'],
  DecisionWithdrawn: [Undo2, 'plain'],
  DispositionExecuted: [Truck, 'plain'],
  EsgCredited: [Leaf, 'money'],
  LedgerPosted: [Banknote, 'money'],
  FeedbackRecorded: [MessageSquare, 'ai'],
  ReturnCancelled: [Ban, 'bad'],
  CustomerErased: [EyeOff, 'plain'],
}

export function TimelineItem({ entry, unit }: { entry: TimelineEntry; unit: ReturnDetail }) {
  const t = useTranslations('timeline')
  const timeZone = useTimeZone(unit.hubId)
  const me = useMe()
  const words = useChangeWords(unit)
  const type = entry.type in looks ? (entry.type as ReturnEventType) : null
  const [Icon, look] = type === null ? ([CircleHelp, 'plain'] as const) : looks[type]
  const kind = entry.byKind === 'user' || entry.byKind === 'api_key' || entry.byKind === 'system' ? entry.byKind : null
  const isMe = entry.by !== null && entry.by === me.data?.id
  const by = isMe ? t('you') : (entry.byName ?? (kind === null ? null : t(`by.${kind}`)))
  const changes = entry.changes.flatMap((change) => words(change) ?? [])
  return (
    <li className={classes.entry}>
      <span className={`${classes.icon} ${look === 'plain' ? '' : classes[look]}`}>
        <Icon size={17} aria-hidden />
      </span>
      <div className={classes.words}>
        <div className={classes.top}>
          <span className={classes.type}>{type === null ? humanised(entry.type) : t(`type.${type}`)}</span>
          <span className={classes.at}>
            <Instant at={entry.at} timeZone={timeZone} />
          </span>
        </div>
        <Summary entry={entry} type={type} />
        <p className={classes.by}>
          {by}
          {entry.requestId === null ? null : (
            <span className="code" title={entry.requestId}>
              {by === null ? '' : ' · '}
              {t('request', { id: entry.requestId.slice(-8) })}
            </span>
          )}
        </p>
        {changes.length === 0 ? null : (
          <dl className={classes.changes}>
            {changes.map(({ field, from, to }) => (
              <div key={field}>
                <dt>{field}</dt>
                <dd>
                  {from === null ? null : <span className={classes.old}>{from}</span>} {from === null ? null : '→ '}
                  {to ?? t('nothing')}
                </dd>
              </div>
            ))}
          </dl>
        )}
      </div>
    </li>
  )
}

const causes = ['refund_due', 'refund_withdrawn', 'recovery', 'reversal'] as const
const feedbacks = ['accepted', 'overridden', 'helpful', 'not_helpful', 'outcome'] as const
const verdicts = ['approve', 'reject'] as const

/** The server's English sentence only where neither the field changes nor a message of ours tell it. */
function Summary({ entry, type }: { entry: TimelineEntry; type: ReturnEventType | null }) {
  const t = useTranslations()
  const code = entry.summary.split(': ')[1] ?? ''
  const words = (): string | null => {
    if (type === 'LedgerPosted')
      return causes.includes(code as 'recovery') ? t(`money.cause.${code as 'recovery'}`) : entry.summary
    if (type === 'FeedbackRecorded')
      return feedbacks.includes(code as 'outcome') ? t(`timeline.feedback.${code as 'outcome'}`) : entry.summary
    if (type === 'ReviewResolved')
      return verdicts.includes(code as 'approve') ? t(`timeline.review.${code as 'approve'}`) : entry.summary
    if (type === 'ReturnCancelled') return code
    return type === null ? entry.summary : null
  }
  const text = words()
  return text === null ? null : <p className={classes.summary}>{text}</p>
}
