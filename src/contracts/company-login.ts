import { z } from 'zod'
import { roleSchema } from './codes.ts'
import { idSchema } from './common.ts'

function isLoopback(url: URL): boolean {
  return url.hostname === '127.0.0.1' || url.hostname === 'localhost' || url.hostname === '[::1]'
}

/** One company's OpenID Connect provider, as it stands in the file that SMARTRETURNS_OIDC_FILE names. */
export const companyLoginSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9-]{1,40}$/, 'small letters, digits and hyphens'),
    name: z.string().min(1).max(80).meta({ description: 'What the button says' }),
    issuer: z
      .url()
      .refine((text) => text.startsWith('https:') || isLoopback(new URL(text)), 'https, but on this machine itself'),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1).nullable().default(null).meta({ description: 'Null: a public client, by PKCE' }),
    scopes: z.string().default('openid email profile'),
    idTokenAlg: z.enum(['RS256', 'PS256', 'ES256', 'EdDSA']).default('RS256'),
    emailDomains: z
      .array(z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain in small letters'))
      .min(1)
      .meta({ description: 'Addresses that this provider may speak for' }),
    createsUsers: z.boolean().default(false).meta({ description: 'Whether who comes first is given a login' }),
    roleClaim: z.string().min(1).nullable().default(null),
    roles: z
      .record(z.string(), roleSchema)
      .default({})
      .meta({ description: 'Value of the claim → role; the first that matches counts' }),
    defaultRole: roleSchema.nullable().default(null),
    hubIds: z.array(idSchema).default([]),
    clientIds: z.array(idSchema).default([]),
    trustsSecondFactor: z
      .boolean()
      .default(false)
      .meta({ description: 'The provider always asks for a second factor; else its claim amr must say mfa' }),
  })
  .refine((one) => one.roleClaim !== null || Object.keys(one.roles).length === 0, 'roles need a roleClaim')
export type CompanyLogin = z.infer<typeof companyLoginSchema>

export const companyLoginsSchema = z.strictObject({
  providers: z
    .array(companyLoginSchema)
    .refine((all) => new Set(all.map((one) => one.id)).size === all.length, 'two providers have the same id'),
})

export const loginProvidersSchema = z
  .strictObject({ providers: z.array(z.strictObject({ id: z.string(), name: z.string() })) })
  .meta({ id: 'LoginProviders' })
