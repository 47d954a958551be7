import type { CompanyLogin } from '#contracts/company-login.ts'
import type { Role } from '#contracts/codes.ts'
import { AppError } from '#kernel/errors.ts'
import type { Transaction } from '../../db/port.ts'
import { readUser, readUserByEmail, type UserRow } from '../store.ts'
import { changeUser, noteUser, recordUser, type Doer, type UserContext } from '../users.ts'
import type { CompanyClaims } from './company-logins.ts'
import { insertIdentity, readIdentity, touchIdentity } from './store.ts'

/** The role that the claims give; the default when they give none. */
export function roleOf(provider: CompanyLogin, claims: CompanyClaims): Role | null {
  const matched = Object.entries(provider.roles).find(([value]) => claims.roleValues.includes(value))
  return matched?.[1] ?? provider.defaultRole
}

function refuse(problem: string, detail: string): never {
  throw new AppError('unauthenticated', detail, { problem })
}

/**
 * The user that a provider vouches for: who is known by issuer and subject, else by the verified address of one of its
 * own domains, else a new one where the provider may make users. A provider never speaks for the addresses of another.
 */
export async function userOfCompany(
  ctx: UserContext,
  provider: CompanyLogin,
  claims: CompanyClaims,
  requestId: string,
): Promise<UserRow> {
  const doer: Doer = { by: { kind: 'system', id: `company:${provider.id}` }, requestId }
  return ctx.db.transaction(async (tx) => {
    const known = await readIdentity(tx, provider.issuer, claims.subject)
    const userId = known?.userId ?? (await meet(ctx, tx, provider, claims, doer))
    await touchIdentity(tx, provider.issuer, claims.subject, new Date(ctx.now()))
    const user = (await readUser(tx, userId))!
    if (!user.isActive) refuse('company_user_disabled', 'this login was disabled: ask your administrator')
    if (known?.setsRole !== true) return user
    const role = roleOf(provider, claims)
    if (role === null) refuse('company_role_missing', 'your company gives you no role here')
    if (role === user.role) return user
    await changeUser(ctx, tx, { id: user.id, ifVersion: user.version }, { role }, doer)
    return (await readUser(tx, userId))!
  })
}

/** Somebody who comes this way for the first time. */
async function meet(
  ctx: UserContext,
  tx: Transaction,
  provider: CompanyLogin,
  claims: CompanyClaims,
  doer: Doer,
): Promise<string> {
  const { email } = claims
  if (email === null || !claims.isEmailVerified)
    return refuse('email_unverified', 'your company does not confirm your e-mail address')
  const domain = email.slice(email.lastIndexOf('@') + 1)
  if (!provider.emailDomains.includes(domain))
    return refuse('email_foreign', `the login of ${provider.name} does not speak for ${domain}`)
  const at = new Date(ctx.now())
  const link = (userId: string, setsRole: boolean) =>
    insertIdentity(tx, { issuer: provider.issuer, subject: claims.subject, userId, setsRole, at })
  const present = await readUserByEmail(tx, email)
  if (present !== null) {
    if (present.isDemo) return refuse('company_user_unknown', 'a demo login is nobody’s')
    await noteUser(ctx, tx, present.id, { type: 'CompanyLoginLinked', doer })
    await link(present.id, false)
    return present.id
  }
  if (!provider.createsUsers)
    return refuse('company_user_unknown', 'you have no login here yet: ask your administrator')
  const role = roleOf(provider, claims)
  if (role === null) return refuse('company_role_missing', 'your company gives you no role here')
  const { hubIds, clientIds } = provider
  const made = { email, name: claims.name ?? email, role, hubIds, clientIds, isDemo: false }
  const id = await recordUser(ctx, tx, { ...made, passwordHash: null, isPasswordLong: true }, doer)
  if (id === null)
    throw new AppError('conflict', 'there is a user with this address already', { problem: 'email_taken' })
  await link(id, provider.roleClaim !== null)
  return id
}
