import type { DispositionRecord, Return } from '#contracts/returns.ts'
import type { Workflow } from '#contracts/workflow.ts'
import { allowedCommands, type DispositionState } from './lifecycle.ts'
import type { ReturnRow } from './read-store.ts'
import type { DispositionRow } from './rows.ts'

/** Rows as the contracts show them. */

export function toReturn(row: ReturnRow): Return {
  const money = (amount: number | null) => (amount === null ? null : { amount, currency: row.currency })
  return {
    id: row.id,
    clientId: row.clientId,
    clientRef: row.clientRef,
    rmaNumber: row.rmaNumber,
    lpn: row.lpn,
    source: row.source,
    sku: row.sku,
    title: row.title,
    categoryId: row.categoryId,
    isCategoryInferred: row.isCategoryInferred,
    price: money(row.priceMinor),
    mrp: money(row.mrpMinor),
    orderRef: row.orderRef,
    orderedAt: row.orderedAt,
    deliveredAt: row.deliveredAt,
    requestedAt: row.requestedAt,
    returnType: row.returnType,
    reasonCode: row.reasonCode,
    reasonCluster: row.reasonCluster,
    saleChannel: row.saleChannel,
    pickupPincode: row.pickupPincode,
    isOpened: row.isOpened,
    awb: row.awb,
    serialNumber: row.serialNumber,
    stage: row.stage,
    custody: row.custody,
    acceptance: row.acceptance,
    moneyState: row.moneyState,
    needsReview: row.needsReview,
    reviewReasons: [...row.reviewReasons],
    hubId: row.hubId,
    hubCode: row.hubCode,
    hubDistanceKm: row.hubDistanceKm,
    locationCode: row.locationCode,
    grade: row.grade,
    recommendation:
      row.recommendationId === null
        ? null
        : {
            id: row.recommendationId,
            disposition: row.recommendedDisposition!,
            channel: row.recommendedChannel!,
            value: { amount: row.recommendedValueMinor!, currency: row.currency },
            confidence: row.recommendedConfidence,
          },
    disposition: row.disposition,
    dispositionChannel: row.dispositionChannel,
    execution: row.execution,
    expectedValue: money(row.expectedValueMinor),
    realisedValue: money(row.realisedValueMinor),
    refund: { amount: row.refundMinor, currency: row.currency },
    dueAt: row.dueAt,
    receivedAt: row.receivedAt,
    checkedAt: row.checkedAt,
    decidedAt: row.decidedAt,
    completedAt: row.completedAt,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  }
}

export function dispositionStateOf(row: ReturnRow): DispositionState | null {
  if (row.dispositionId === null || row.disposition === null || row.execution === null) return null
  return { id: row.dispositionId, disposition: row.disposition, execution: row.execution, version: 0, requires: [] }
}

export function toWorkflow(row: ReturnRow, nowMs: number): Workflow {
  return {
    id: row.workflowId,
    returnId: row.id,
    lpn: row.lpn,
    title: row.title,
    hubId: row.hubId,
    stage: row.stage,
    custody: row.custody,
    acceptance: row.acceptance,
    execution: row.execution,
    moneyState: row.moneyState,
    needsReview: row.needsReview,
    reviewReasons: [...row.reviewReasons],
    stageEnteredAt: row.stageEnteredAt,
    dueAt: row.dueAt,
    isOverdue: row.dueAt !== null && Date.parse(row.dueAt) < nowMs,
    allowed: allowedCommands(row, dispositionStateOf(row)),
    version: row.version,
  }
}

export function toDispositionRecord(row: DispositionRow): DispositionRecord {
  const money = (amount: number | null) => (amount === null ? null : { amount, currency: row.currency })
  return {
    id: row.id,
    returnId: row.returnId,
    isCurrent: row.isCurrent,
    disposition: row.disposition,
    channel: row.channel,
    source: row.source,
    reasonCode: row.reasonCode as DispositionRecord['reasonCode'],
    execution: row.execution,
    blockedReason: row.blockedReason,
    expectedValue: money(row.expectedValueMinor),
    realisedValue: money(row.realisedValueMinor),
    certificateRef: row.certificateRef,
    externalRef: row.externalRef,
    decidedBy: row.decidedBy,
    decidedAt: row.decidedAt,
    executedAt: row.executedAt,
    version: row.version,
  }
}
