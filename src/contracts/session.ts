import { z } from 'zod'
import { roleSchema } from './codes.ts'
import { idSchema, timeSchema } from './common.ts'

export const loginRequestSchema = z
  .strictObject({ email: z.email().max(254), password: z.string().min(1).max(1024) })
  .meta({
    id: 'LoginRequest',
    examples: [{ email: 'asha@demo.smartreturns.local', password: 'demo asha counts parcels' }],
  })

export const meSchema = z
  .strictObject({
    id: z.string(),
    kind: z.enum(['user', 'api_key']),
    name: z.string(),
    email: z.string().nullable(),
    role: z.union([roleSchema, z.literal('integration')]),
    permissions: z.array(z.string()),
    hubIds: z.array(idSchema).nullable().meta({ description: 'Null: all' }),
    clientIds: z.array(idSchema).nullable().meta({ description: 'Null: all' }),
  })
  .meta({ id: 'Me' })
export type Me = z.infer<typeof meSchema>

export const sessionTokensSchema = z
  .strictObject({
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresIn: z.int().meta({ description: 'Seconds' }),
    user: meSchema,
    recoveryCodes: z
      .array(z.string())
      .optional()
      .meta({ description: 'With a second factor that was just set up: told this once' }),
  })
  .meta({ id: 'SessionTokens', description: 'A browser gets the same as httpOnly cookies' })

export const signInStepSchema = z
  .strictObject({
    step: z.enum(['second_factor', 'second_factor_setup']),
    ticket: z.string(),
    expiresIn: z.int().meta({ description: 'Seconds' }),
  })
  .meta({ id: 'SignInStep', description: 'The first factor was right; this is still to be shown' })
export type SignInStep = z.infer<typeof signInStepSchema>

const ticket = z
  .string()
  .max(2048)
  .optional()
  .meta({ description: 'Of the first step; a browser that came by a company login has it as a cookie' })
const code = z
  .string()
  .min(6)
  .max(32)
  .meta({ description: 'Six digits of the app, or a recovery code where there is a second factor already' })
export const ticketRequestSchema = z
  .strictObject({ ticket })
  .meta({ id: 'TicketRequest', examples: [{ ticket: 'ey…' }] })
export const secondFactorLoginSchema = z
  .strictObject({ ticket, code })
  .meta({ id: 'SecondFactorLogin', examples: [{ ticket: 'ey…', code: '287082' }] })

export const enrolmentSchema = z
  .strictObject({
    secret: z.string().meta({ description: 'Base32, to be typed into an app' }),
    uri: z.string().meta({ description: 'otpauth address' }),
    qr: z.string().meta({ description: 'The same as a QR code: an SVG picture' }),
  })
  .meta({ id: 'SecondFactorEnrolment' })
export type Enrolment = z.infer<typeof enrolmentSchema>
export const secondFactorSchema = z
  .strictObject({
    isOn: z.boolean(),
    isRequired: z.boolean(),
    hasPassword: z.boolean(),
    recoveryCodesLeft: z.int(),
    passwordMin: z.int(),
  })
  .meta({ id: 'SecondFactor' })
export type SecondFactor = z.infer<typeof secondFactorSchema>
const current = z.string().max(1024).default('').meta({ description: 'Your password; empty where you have none' })
export const secondFactorBeginSchema = z
  .strictObject({ current })
  .meta({ id: 'SecondFactorBegin', examples: [{ current: 'my pass phrase of now' }] })
export const secondFactorCodeSchema = z
  .strictObject({ code })
  .meta({ id: 'SecondFactorCode', examples: [{ code: '287082' }] })
export const secondFactorChangeSchema = z
  .strictObject({ current, code })
  .meta({ id: 'SecondFactorChange', examples: [{ current: 'my pass phrase of now', code: '287082' }] })
export const recoveryCodesSchema = z
  .strictObject({ recoveryCodes: z.array(z.string()).meta({ description: 'Told this once' }) })
  .meta({ id: 'RecoveryCodes' })

const linkToken = z
  .string()
  .regex(/^srl_[\w-]{43}$/)
  .meta({ description: 'What stands behind the # of the link' })
export const forgottenRequestSchema = z
  .strictObject({ email: z.email().max(254) })
  .meta({ id: 'ForgottenRequest', examples: [{ email: 'asha@example.com' }] })
export const linkRequestSchema = z
  .strictObject({ token: linkToken })
  .meta({ id: 'LinkRequest', examples: [{ token: `srl_${'A'.repeat(43)}` }] })
export const linkSchema = z
  .strictObject({
    purpose: z.enum(['invitation', 'password_reset']),
    email: z.string(),
    name: z.string(),
    passwordMin: z.int(),
  })
  .meta({ id: 'OneTimeLink' })
export type OneTimeLink = z.infer<typeof linkSchema>
export const choosePasswordSchema = z.strictObject({ token: linkToken, password: z.string().max(1024) }).meta({
  id: 'ChoosePassword',
  examples: [{ token: `srl_${'A'.repeat(43)}`, password: 'a new pass phrase of mine' }],
})

export const refreshRequestSchema = z
  .strictObject({ refreshToken: z.string().max(200).optional() })
  .meta({ id: 'RefreshRequest', examples: [{ refreshToken: 'srr_…' }] })

export const sessionSchema = z
  .strictObject({
    id: idSchema,
    createdAt: timeSchema,
    lastUsedAt: timeSchema,
    expiresAt: timeSchema,
    agent: z.string().nullable(),
    address: z.string().nullable(),
    method: z.enum(['password', 'company']),
    hasSecondFactor: z.boolean(),
    isCurrent: z.boolean(),
  })
  .meta({ id: 'Session' })
export type Session = z.infer<typeof sessionSchema>

export const passwordRequestSchema = z
  .strictObject({ current: z.string().max(1024), password: z.string().max(1024) })
  .meta({
    id: 'PasswordRequest',
    examples: [{ current: 'the old pass phrase', password: 'a new pass phrase of mine' }],
  })

export const demoUsersSchema = z
  .strictObject({
    users: z.array(z.strictObject({ label: z.string(), role: roleSchema, email: z.string(), password: z.string() })),
  })
  .meta({ id: 'DemoUsers' })
