import { z } from 'zod'
import { idSchema, limits, text, timeSchema } from './common.ts'
import { customerSchema } from './customer.ts'

/** Rights of the persons whose data are kept: found, told, corrected by their client, erased, restricted, asked. */

export const personIdSchema = z
  .string()
  .regex(/^[\w-]{22}$/, 'the id of a person, as the search tells it')
  .meta({ description: 'Pseudonymous id of a person', examples: ['kq3T0cY9r1sVb7mN2pXw4A'] })
export const personParams = z.strictObject({ id: personIdSchema })

/** Why data of persons are used. `needsConsent`: only with a word of theirs; else a withdrawal ends it just the same. */
export const purposes = [
  {
    id: 'returns_handling',
    basis: 'contract',
    needsConsent: false,
    mayObject: false,
    says: 'take the unit back, decide on it, pay the refund',
  },
  {
    id: 'fraud_prevention',
    basis: 'legitimate_interest',
    needsConsent: false,
    mayObject: true,
    says: 'find returns that cannot be what they claim',
  },
  {
    id: 'model_training',
    basis: 'legitimate_interest',
    needsConsent: false,
    mayObject: true,
    says: 'learn from past units how the next ones are best used; no name, address or words are part of it',
  },
  {
    id: 'service_messages',
    basis: 'contract',
    needsConsent: false,
    mayObject: true,
    says: 'tell the person how the return stands',
  },
  { id: 'surveys', basis: 'consent', needsConsent: true, mayObject: true, says: 'ask the person how the return went' },
] as const
export const purposeIdSchema = z.enum(purposes.map((purpose) => purpose.id))
export type PurposeId = z.infer<typeof purposeIdSchema>

export const personSearchSchema = z
  .strictObject({
    email: z.email().max(254).optional(),
    phone: text(32).optional(),
    name: text(200).optional().meta({ description: 'The whole name as it was given' }),
    ref: text(128).optional().meta({ description: "The client's own id of the customer" }),
    orderRef: text(160)
      .optional()
      .meta({ description: 'Order, return request, shipment or label of one of the units' }),
    clientId: idSchema.optional(),
  })
  .refine((body) => Object.entries(body).some(([name, value]) => name !== 'clientId' && value !== undefined), {
    message: 'say by what: email, phone, name, ref or orderRef',
  })
  .meta({ id: 'PersonSearch', examples: [{ email: 'asha@example.com' }] })
export type PersonSearch = z.infer<typeof personSearchSchema>

export const foundBy = ['email', 'phone', 'name', 'ref', 'orderRef'] as const

export const personSchema = z
  .strictObject({
    id: personIdSchema,
    clientId: idSchema,
    clientName: z.string(),
    foundBy: z.array(z.enum(foundBy)),
    hint: z
      .strictObject({ name: z.string().nullable(), email: z.string().nullable(), phone: z.string().nullable() })
      .nullable()
      .meta({ description: 'Enough to tell persons apart; the whole is in the export' }),
    returns: z.int(),
    openReturns: z.int(),
    lastReturnAt: timeSchema.nullable(),
    isRestricted: z.boolean(),
    erasedAt: timeSchema.nullable(),
  })
  .meta({ id: 'Person' })
export type Person = z.infer<typeof personSchema>

export const personListSchema = z
  .strictObject({
    data: z.array(personSchema),
    unlinkedReturns: z.array(idSchema).meta({ description: 'Units with this reference that came without a customer' }),
  })
  .meta({ id: 'PersonList' })
export type PersonList = z.infer<typeof personListSchema>

export const consentSchema = z
  .strictObject({
    purpose: purposeIdSchema,
    isGiven: z.boolean(),
    notice: z.string().nullable(),
    source: z.string(),
    at: timeSchema,
  })
  .meta({ id: 'Consent' })
export type Consent = z.infer<typeof consentSchema>

export const consentRequestSchema = z
  .strictObject({
    purpose: purposeIdSchema,
    isGiven: z.boolean(),
    notice: z
      .string()
      .regex(/^[\w./ -]{1,80}$/)
      .optional()
      .meta({ description: 'Version of the notice that the person was shown' }),
    source: z.enum(['web', 'mail', 'phone', 'letter', 'client', 'consent_manager']),
  })
  .meta({ id: 'ConsentRequest', examples: [{ purpose: 'model_training', isGiven: false, source: 'mail' }] })
export type ConsentRequest = z.infer<typeof consentRequestSchema>

export const personRecordSchema = z
  .strictObject({ seq: z.int(), type: z.string(), at: timeSchema, by: z.string().nullable() })
  .meta({ id: 'PersonRecord' })

export const personDetailSchema = personSchema
  .omit({ foundBy: true })
  .extend({
    consents: z.array(consentSchema),
    photos: z.int(),
    log: z.array(personRecordSchema).meta({ description: 'What was done with the data of the person, newest first' }),
  })
  .meta({ id: 'PersonDetail' })
export type PersonDetail = z.infer<typeof personDetailSchema>

export const erasureReasons = ['request', 'consent_withdrawn', 'retention', 'unlawful', 'legal_duty'] as const
export const eraseRequestSchema = z
  .strictObject({
    confirm: z.literal('erase').meta({ description: 'The word itself: there is no way back' }),
    reason: z.enum(erasureReasons).exclude(['retention']).default('request'),
    evenIfOpen: z.boolean().default(false).meta({ description: 'Although units of the person are still on their way' }),
  })
  .meta({ id: 'EraseRequest', examples: [{ confirm: 'erase' }] })
export type EraseRequest = z.infer<typeof eraseRequestSchema>

export const erasureSchema = z
  .strictObject({
    id: idSchema,
    personId: personIdSchema,
    requestedAt: timeSchema,
    finishedAt: timeSchema.nullable(),
    returns: z.int(),
    files: z.int(),
    answers: z.int().meta({ description: 'Stored answers of idempotency keys' }),
  })
  .meta({ id: 'Erasure' })
export type Erasure = z.infer<typeof erasureSchema>

export const restrictRequestSchema = z
  .strictObject({
    isRestricted: z.boolean(),
    reason: z.enum(['accuracy_disputed', 'unlawful', 'claims', 'objection', 'resolved']),
  })
  .meta({ id: 'RestrictRequest', examples: [{ isRestricted: true, reason: 'accuracy_disputed' }] })
export type RestrictRequest = z.infer<typeof restrictRequestSchema>

const noteSchema = z.strictObject({ of: z.string(), at: timeSchema, text: z.string().nullable() })

/** Everything that is kept of one person, for the person. */
export const personExportSchema = z
  .strictObject({
    format: z.literal('smartreturns-person/1'),
    madeAt: timeSchema,
    person: z.strictObject({
      id: personIdSchema,
      clientId: idSchema,
      clientName: z.string(),
      isRestricted: z.boolean(),
      since: timeSchema,
    }),
    purposes: z.array(
      z.strictObject({
        id: purposeIdSchema,
        basis: z.string(),
        says: z.string(),
        isUsed: z.boolean().meta({ description: 'False where it needs consent that was not given, or was withdrawn' }),
      }),
    ),
    consents: z.array(consentSchema),
    recipients: z.array(z.string()),
    returns: z.array(
      z.strictObject({
        id: idSchema,
        rmaNumber: z.string(),
        clientRef: z.string(),
        orderRef: z.string().nullable(),
        orderLineRef: z.string().nullable(),
        title: z.string(),
        serialNumber: z.string().nullable(),
        awb: z.string().nullable(),
        pickupPincode: z.string().nullable(),
        returnType: z.string(),
        reasonCode: z.string(),
        reasonCluster: z.string().nullable(),
        stage: z.string(),
        grade: z.string().nullable(),
        disposition: z.string().nullable(),
        refund: z.strictObject({ amount: z.int(), currency: z.string() }),
        orderedAt: timeSchema.nullable(),
        deliveredAt: timeSchema.nullable(),
        createdAt: timeSchema,
        customer: customerSchema.nullable(),
        notes: z.array(noteSchema),
        photos: z.array(
          z.strictObject({
            fileId: idSchema,
            url: z.string(),
            mediaType: z.string(),
            sha256: z.string(),
            createdAt: timeSchema,
          }),
        ),
      }),
    ),
    log: z.array(personRecordSchema),
  })
  .meta({ id: 'PersonExport' })
export type PersonExport = z.infer<typeof personExportSchema>

export const unlinkedEraseSchema = z
  .strictObject({
    confirm: z.literal('erase'),
    returnIds: z.array(idSchema).min(1).max(limits.batchItems),
  })
  .meta({ id: 'UnlinkedErase' })
