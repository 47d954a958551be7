import { z } from 'zod'
import { idSchema, pageOf, text, timeSchema } from './common.ts'

/** What happens to a return, as it is told to others, by the event that records it. */
export const webhookTypeOf = {
  ReturnSubmitted: 'return.submitted',
  ReturnValidated: 'return.validated',
  DispositionRecommended: 'return.recommended',
  HubAssigned: 'return.hub_assigned',
  HubNotFound: 'return.hub_not_found',
  ReservationLapsed: 'return.reservation_lapsed',
  ReviewResolved: 'return.reviewed',
  ReturnReceived: 'return.received',
  QualityChecked: 'return.checked',
  DispositionDecided: 'return.decided',
  DecisionWithdrawn: 'return.decision_withdrawn',
  DispositionExecuted: 'return.disposition_changed',
  EsgCredited: 'return.esg_credited',
  ReturnCancelled: 'return.cancelled',
} as const
export type ToldEvent = keyof typeof webhookTypeOf
export const webhookEventTypes = Object.values(webhookTypeOf)
export type WebhookEventType = (typeof webhookEventTypes)[number]
/** A test call; nobody subscribes to it. */
export const webhookTestType = 'webhook.test'

const eventTypeSchema = z.enum(webhookEventTypes as [WebhookEventType, ...WebhookEventType[]])
const editable = {
  url: z.string().min(1).max(2048).meta({ description: 'https:// and a public address' }),
  description: text(200).or(z.literal('')),
  eventTypes: z
    .array(eventTypeSchema)
    .min(1)
    .max(webhookEventTypes.length)
    .refine((types) => new Set(types).size === types.length, 'each type once'),
}

export const webhookSchema = z
  .strictObject({
    id: idSchema,
    clientId: idSchema.nullable().meta({ description: 'Null: the returns of all clients' }),
    url: z.string(),
    description: z.string(),
    eventTypes: z.array(z.string()),
    isActive: z.boolean(),
    disabledReason: z.enum(['by_person', 'failing', 'gone']).nullable(),
    disabledAt: timeSchema.nullable(),
    previousSecretUntil: timeSchema.nullable().meta({ description: 'Until then the secret before signs too' }),
    failures: z.int().meta({ description: 'In a row; 0 after a success' }),
    failingSince: timeSchema.nullable(),
    version: z.int(),
    createdAt: timeSchema,
    updatedAt: timeSchema,
  })
  .meta({ id: 'Webhook' })
export type WebhookBody = z.infer<typeof webhookSchema>
export const webhookListSchema = z.strictObject({ data: z.array(webhookSchema) }).meta({ id: 'WebhookList' })
export const webhookCreatedSchema = z
  .strictObject({ ...webhookSchema.shape, secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'WebhookCreated' })
export const webhookCreateSchema = z
  .strictObject({
    url: editable.url,
    clientId: idSchema.nullable().default(null),
    eventTypes: editable.eventTypes,
    description: editable.description.default(''),
  })
  .meta({
    id: 'WebhookCreate',
    examples: [{ url: 'https://shop.example.com/hooks/returns', eventTypes: ['return.received', 'return.decided'] }],
  })
export const webhookUpdateSchema = z
  .strictObject({
    url: editable.url.optional(),
    eventTypes: editable.eventTypes.optional(),
    description: editable.description.optional(),
    isActive: z.boolean().optional(),
  })
  .meta({ id: 'WebhookUpdate', examples: [{ isActive: true }] })
export const webhookRotateSchema = z
  .strictObject({ overlapHours: z.int().min(0).max(168).default(24) })
  .meta({ id: 'WebhookRotate', examples: [{ overlapHours: 24 }] })
export const webhookReplaySchema = z
  .strictObject({ since: timeSchema, until: timeSchema.optional() })
  .meta({ id: 'WebhookReplay', examples: [{ since: '2026-11-01T00:00:00Z' }] })

export const webhookStates = ['pending', 'delivered', 'failed'] as const
export const webhookDeliverySchema = z
  .strictObject({
    id: idSchema.meta({ description: 'As in the header webhook-id, without msg_' }),
    eventType: z.string(),
    seq: z.int().nullable().meta({ description: "The event's place in the log; null for a test call" }),
    state: z.enum(webhookStates),
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastProblem: z.string().nullable(),
    nextAttemptAt: timeSchema.nullable(),
    createdAt: timeSchema,
    finishedAt: timeSchema.nullable(),
  })
  .meta({ id: 'WebhookDelivery' })
export type WebhookDeliveryBody = z.infer<typeof webhookDeliverySchema>
export const webhookDeliveryPageSchema = pageOf(webhookDeliverySchema, 'WebhookDeliveryPage')
export const webhookDeliveryDetailSchema = z
  .strictObject({
    ...webhookDeliverySchema.shape,
    body: z.string().meta({ description: 'As it is signed and sent' }),
    log: z.array(
      z.strictObject({
        number: z.int(),
        at: timeSchema,
        tookMs: z.int(),
        status: z.int().nullable(),
        problem: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'WebhookDeliveryDetail' })
export const webhookTestedSchema = z
  .strictObject({
    deliveryId: idSchema,
    isDelivered: z.boolean(),
    status: z.int().nullable(),
    problem: z.string().nullable(),
    tookMs: z.int(),
  })
  .meta({ id: 'WebhookTested' })
