import type { ReturnEvent } from '#contracts/events.ts'
import type { Statement } from '#platform/db/port.ts'
import { creditStatements, type CreditRow } from '#services/analytics/index.ts'
import { capacityStatements } from '#services/hubs/index.ts'
import { checkStatements, scrubCheckStatements, type CheckRow } from '#services/quality/index.ts'
import {
  labelOf,
  feedbackStatements,
  labelStatements,
  recommendationStatements,
  type FeedbackRow,
  type LabelRow,
  type RecommendationRow,
} from '#services/recommendation/index.ts'
import { occupiedHub, rowsOf, returnStatements, type ReturnChange } from '#services/returns/index.ts'

/**
 * The statements that write every read row of these changes, one a table, in the order that references ask for, hot counters
 * last. Commands and replay both go through here, so a rebuilt read model can't differ from the one that was served.
 */
export function changeStatements(changes: readonly ReturnChange[], at: string): Statement[] {
  return [
    ...returnStatements(rowsOf(changes, at), [
      ...recommendationStatements(recommendationRows(changes, at)),
      ...checkStatements(checkRows(changes, at)),
      ...scrubCheckStatements(eventsOf(changes, 'CustomerErased').map(({ change }) => change.after.id)),
    ]),
    ...feedbackStatements(feedbackRows(changes, at)),
    ...labelStatements(labelRows(changes, at)),
    ...creditStatements(creditRows(changes, at)),
    ...capacityStatements(capacityDeltas(changes)),
  ]
}

function eventsOf<T extends ReturnEvent['type']>(changes: readonly ReturnChange[], type: T) {
  return changes.flatMap((change) =>
    change.events.flatMap((event, i) =>
      event.type === type
        ? [
            {
              change,
              data: event.data as Extract<ReturnEvent, { type: T }>['data'],
              version: (change.before?.version ?? 0) + i + 1,
            },
          ]
        : [],
    ),
  )
}

function recommendationRows(
  changes: readonly ReturnChange[],
  at: string,
): (RecommendationRow & { isFirst: boolean })[] {
  return eventsOf(changes, 'DispositionRecommended').map(({ change, data, version }) => ({
    id: data.recommendationId,
    returnId: change.after.id,
    version,
    point: data.body.point,
    isCurrent: true,
    disposition: data.body.disposition,
    channel: data.body.channel,
    currency: data.body.currency,
    valueMeanMinor: data.body.value.mean,
    valueP05Minor: data.body.value.p05,
    valueP95Minor: data.body.value.p95,
    confidence: data.body.confidence,
    needsReview: data.body.needsReview,
    level: data.body.level,
    modelVersion: data.body.modelVersion,
    createdAt: at,
    isFirst: (change.before?.recommendationId ?? null) === null,
  }))
}

function checkRows(changes: readonly ReturnChange[], at: string): CheckRow[] {
  return eventsOf(changes, 'QualityChecked').map(({ change, data }) => ({
    id: data.checkId,
    returnId: change.after.id,
    isCurrent: true,
    rubricId: data.rubricId,
    rubricRevision: data.rubricRevision,
    answers: data.answers,
    findings: data.findings,
    accessories: data.accessories,
    isSealed: data.isSealed,
    grade: data.grade,
    score: data.score,
    completeness: data.completeness,
    quarantine: data.quarantine,
    currency: change.after.currency,
    repairMinor: data.repairMinor,
    repairMinutes: data.repairMinutes,
    isRepairable: data.isRepairable,
    weightGrams: data.weightGrams,
    photos: data.photos,
    noteSealed: data.noteSealed,
    checkedBy: data.by?.id ?? 'system',
    checkedAt: at,
    version: data.checkVersion,
    updatedAt: at,
  }))
}

function feedbackRows(changes: readonly ReturnChange[], at: string): FeedbackRow[] {
  return eventsOf(changes, 'FeedbackRecorded').map(({ change, data }) => ({
    id: data.feedbackId,
    recommendation_id: data.recommendationId,
    return_id: change.after.id,
    kind: data.kind,
    disposition: data.disposition,
    reason_code: data.reasonCode,
    realised_value_minor: data.realisedValueMinor,
    by_id: data.by?.id ?? 'system',
    created_at: at,
  }))
}

function labelRows(changes: readonly ReturnChange[], at: string): LabelRow[] {
  return changes.flatMap(({ before, after, events }) =>
    events.flatMap((event, i) => labelOf(after, event, (before?.version ?? 0) + i + 1, at) ?? []),
  )
}

function creditRows(changes: readonly ReturnChange[], at: string): CreditRow[] {
  return eventsOf(changes, 'EsgCredited').map(({ change, data }) => ({
    id: data.creditId,
    dispositionId: data.dispositionId,
    returnId: change.after.id,
    clientId: change.after.clientId,
    hubId: change.after.hubId,
    categoryId: change.after.categoryId,
    at,
    credit: data.credit,
  }))
}

/** Places taken and given back, by hub. */
export function capacityDeltas(changes: readonly ReturnChange[]): Map<string, number> {
  const deltas = new Map<string, number>()
  const add = (hubId: string | null, by: number) => {
    if (hubId !== null) deltas.set(hubId, (deltas.get(hubId) ?? 0) + by)
  }
  for (const { before, after } of changes) {
    add(occupiedHub(before), -1)
    add(occupiedHub(after), 1)
  }
  return deltas
}
