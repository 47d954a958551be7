import { z } from 'zod'
import {
  acceptanceSchema,
  custodySchema,
  dispositionSchema,
  executionSchema,
  gradeSchema,
  levelSchema,
  moneyStateSchema,
  overrideReasonSchema,
  reasonClusterSchema,
  reasonCodeSchema,
  returnTypeSchema,
  stageSchema,
} from './codes.ts'
import {
  currencySchema,
  idSchema,
  limits,
  moneySchema,
  pageOf,
  pincodeSchema,
  signedMoneySchema,
  text,
  timeSchema,
} from './common.ts'
import { customerSchema } from './customer.ts'
import { esgCreditSchema } from './esg.ts'
import { ledgerTransactionSchema } from './ledger.ts'
import { recommendationBodySchema } from './recommendations.ts'

/** One physical unit that comes back: the request, what is kept, what is answered. */

export const returnRequestSchema = z
  .strictObject({
    clientId: idSchema.optional().meta({ description: 'Needed when the caller may act for several clients' }),
    clientRef: text(160).meta({
      description: "The client's own id of this unit: its natural key",
      examples: ['OD-1182-1/1'],
    }),
    rmaNumber: z
      .string()
      .regex(/^RMA-[0-9A-Z]{9}$/)
      .optional()
      .meta({ description: 'Groups the units of one request; made when absent' }),
    sku: text(128).optional(),
    title: text(limits.textLength).optional(),
    categoryId: z
      .string()
      .regex(/^[a-z_]+(\.[a-z_]+){1,2}$/)
      .optional(),
    price: moneySchema.optional().meta({ description: 'What the buyer paid for the unit' }),
    mrp: moneySchema.optional().meta({ description: 'List price of the unit' }),
    orderRef: text(128).optional(),
    orderLineRef: text(160).optional(),
    orderedAt: timeSchema.optional(),
    deliveredAt: timeSchema.optional(),
    requestedAt: timeSchema.optional().meta({ description: 'When the return was asked for; now when absent' }),
    returnType: returnTypeSchema.default('customer_return'),
    reasonCode: reasonCodeSchema.default('unknown'),
    saleChannel: text(64).optional(),
    pickupPincode: pincodeSchema.optional(),
    isOpened: z.boolean().optional(),
    awb: text(64).pipe(z.string().min(4)).optional(),
    serialNumber: text(64).optional(),
    customer: customerSchema.optional(),
  })
  .meta({
    id: 'ReturnRequest',
    examples: [
      {
        clientRef: 'OD-1182-1/1',
        sku: 'BT-450-BLK',
        price: { amount: 129900, currency: 'INR' },
        orderRef: 'OD-1182',
        deliveredAt: '2026-11-10T08:00:00Z',
        reasonCode: 'defective',
        saleChannel: 'flipkart',
        pickupPincode: '560001',
        isOpened: true,
      },
    ],
  })
export type ReturnRequest = z.infer<typeof returnRequestSchema>

export const validationFindingSchema = z
  .strictObject({ rule: z.string(), verdict: z.enum(['reject', 'review', 'note']), detail: z.string() })
  .meta({ id: 'ValidationFinding' })
export type ValidationFinding = z.infer<typeof validationFindingSchema>

export const hubCandidateSchema = z
  .strictObject({
    hubId: idSchema,
    code: z.string(),
    distanceKm: z.number().nullable().meta({ description: 'Null when the place of pickup is not known' }),
    costMinor: z.int(),
    freePlaces: z.int(),
    /** Why it was passed over; null for the chosen one and the merely dearer ones. */
    refusedBy: z.string().nullable(),
  })
  .meta({ id: 'HubCandidate' })
export type HubCandidate = z.infer<typeof hubCandidateSchema>

export const recommendationSchema = z
  .strictObject({
    id: idSchema,
    returnId: idSchema,
    isCurrent: z.boolean(),
    createdAt: timeSchema,
    ...recommendationBodySchema.shape,
  })
  .meta({ id: 'Recommendation' })
export type Recommendation = z.infer<typeof recommendationSchema>

export const recommendationSummarySchema = z
  .strictObject({
    id: idSchema,
    disposition: dispositionSchema,
    channel: z.string(),
    value: signedMoneySchema,
    confidence: z.number().nullable(),
    level: levelSchema.optional().meta({ description: 'In lists that were asked for it: include=recommendation' }),
  })
  .meta({ id: 'RecommendationSummary' })

/** What a list shows of a return, and the head of its detail. */
export const returnSchema = z
  .strictObject({
    id: idSchema,
    clientId: idSchema,
    clientRef: z.string(),
    rmaNumber: z.string(),
    lpn: z.string(),
    source: z.string(),
    sku: z.string().nullable(),
    title: z.string(),
    categoryId: z.string(),
    isCategoryInferred: z.boolean().meta({ description: 'Worked out from the title of the product, told by nobody' }),
    price: moneySchema.nullable(),
    mrp: moneySchema.nullable(),
    orderRef: z.string().nullable(),
    orderedAt: timeSchema.nullable(),
    deliveredAt: timeSchema.nullable(),
    requestedAt: timeSchema,
    returnType: returnTypeSchema,
    reasonCode: reasonCodeSchema,
    reasonCluster: reasonClusterSchema.nullable().meta({
      description: "What the customer's own words are about, worked out from them; null when that cannot be told",
    }),
    saleChannel: z.string().nullable(),
    pickupPincode: z.string().nullable(),
    isOpened: z.boolean().nullable(),
    awb: z.string().nullable(),
    serialNumber: z.string().nullable(),
    stage: stageSchema,
    custody: custodySchema,
    acceptance: acceptanceSchema,
    moneyState: moneyStateSchema,
    needsReview: z.boolean(),
    reviewReasons: z.array(z.string()),
    hubId: idSchema.nullable(),
    hubCode: z.string().nullable(),
    hubDistanceKm: z.number().nullable(),
    locationCode: z.string().nullable(),
    grade: gradeSchema.nullable(),
    recommendation: recommendationSummarySchema.nullable(),
    disposition: dispositionSchema.nullable(),
    dispositionChannel: z.string().nullable(),
    execution: executionSchema.nullable(),
    expectedValue: signedMoneySchema.nullable(),
    realisedValue: signedMoneySchema.nullable(),
    refund: moneySchema,
    dueAt: timeSchema.nullable(),
    receivedAt: timeSchema.nullable(),
    checkedAt: timeSchema.nullable(),
    decidedAt: timeSchema.nullable(),
    completedAt: timeSchema.nullable(),
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Return' })
export type Return = z.infer<typeof returnSchema>

export const dispositionRecordSchema = z
  .strictObject({
    id: idSchema,
    returnId: idSchema,
    isCurrent: z.boolean(),
    disposition: dispositionSchema,
    channel: z.string(),
    source: z.enum(['accepted', 'overridden', 'rule']),
    reasonCode: overrideReasonSchema.nullable(),
    execution: executionSchema,
    blockedReason: z.string().nullable(),
    expectedValue: signedMoneySchema.nullable(),
    realisedValue: signedMoneySchema.nullable(),
    certificateRef: z.string().nullable(),
    externalRef: z.string().nullable(),
    decidedBy: z.string(),
    decidedAt: timeSchema,
    executedAt: timeSchema.nullable(),
    version: z.int(),
  })
  .meta({ id: 'DispositionRecord' })
export type DispositionRecord = z.infer<typeof dispositionRecordSchema>

export const returnCommandNames = [
  'receive',
  'check',
  'accept',
  'override',
  'execute',
  'cancel',
  'assign',
  'approve',
  'reject',
] as const

export const returnDetailSchema = z
  .strictObject({
    ...returnSchema.shape,
    customer: customerSchema.nullable().meta({ description: 'Null when there is none or the caller may not see it' }),
    isCustomerMasked: z.boolean(),
    recommendationDetail: recommendationSchema.nullable(),
    hubCandidates: z.array(hubCandidateSchema),
    validation: z.array(validationFindingSchema),
    dispositions: z.array(dispositionRecordSchema),
    /** Carbon of the executed disposition; null until it is done and after it is reversed. */
    esg: esgCreditSchema.nullable(),
    ledger: z.array(ledgerTransactionSchema),
    /** Commands that the workflow allows now and the caller may issue. */
    allowed: z.array(z.enum(returnCommandNames)),
  })
  .meta({ id: 'ReturnDetail' })
export type ReturnDetail = z.infer<typeof returnDetailSchema>

/** The answer to a submitted unit. */
export const returnReceiptSchema = z
  .strictObject({
    id: idSchema,
    clientRef: z.string(),
    rmaNumber: z.string(),
    lpn: z.string(),
    stage: stageSchema,
    acceptance: acceptanceSchema,
    needsReview: z.boolean(),
    reviewReasons: z.array(z.string()),
    validation: z.array(validationFindingSchema),
    recommendation: z
      .strictObject({
        id: idSchema,
        disposition: dispositionSchema,
        channel: z.string(),
        value: z.strictObject({ mean: z.int(), p05: z.int(), p50: z.int(), p95: z.int() }),
        currency: currencySchema,
        confidence: z.number().nullable(),
        level: z.string(),
        modelVersion: z.string(),
      })
      .nullable(),
    hub: z.strictObject({ id: idSchema, code: z.string(), distanceKm: z.number().nullable() }).nullable(),
    version: z.int(),
    /** True when this unit was known already: nothing was recorded anew. */
    repeated: z.boolean(),
  })
  .meta({ id: 'ReturnReceipt' })
export type ReturnReceipt = z.infer<typeof returnReceiptSchema>

/** What a state-changing command answers. */
export const returnChangedSchema = z
  .strictObject({
    id: idSchema,
    lpn: z.string(),
    stage: stageSchema,
    custody: custodySchema,
    acceptance: acceptanceSchema,
    needsReview: z.boolean(),
    reviewReasons: z.array(z.string()),
    hubId: idSchema.nullable(),
    grade: gradeSchema.nullable(),
    recommendation: recommendationSummarySchema.nullable(),
    disposition: dispositionSchema.nullable(),
    dispositionId: idSchema.nullable(),
    qualityCheckId: idSchema.nullable(),
    version: z.int(),
  })
  .meta({ id: 'ReturnChanged' })
export type ReturnChanged = z.infer<typeof returnChangedSchema>

export const returnPageSchema = pageOf(returnSchema, 'ReturnPage')

export * from './return-steps.ts'
export { customerSchema, type Customer } from './customer.ts'
