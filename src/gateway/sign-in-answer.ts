import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Me } from '#contracts/session.ts'
import { deviceDays, ticketSeconds, type BrowserTokens } from '#platform/auth/browser-tokens.ts'
import { actorOfUser, type SessionActor } from '#platform/auth/identity.ts'
import { permissionsOf } from '#platform/auth/roles.ts'
import type { From, SignInAnswer } from '#platform/auth/sign-in.ts'
import type { SignedIn } from '#platform/auth/sessions.ts'
import type { UserRow } from '#platform/auth/store.ts'
import { dropCookie, putCookie, readCookie, setCookies } from './session-cookies.ts'

export function meOf(user: UserRow, actor: SessionActor): Me {
  return {
    id: user.id,
    kind: 'user',
    name: user.name,
    email: user.email,
    role: user.role,
    permissions: [...permissionsOf(actor)],
    hubIds: actor.hubIds === null ? null : [...actor.hubIds],
    clientIds: actor.clientIds === null ? null : [...actor.clientIds],
  }
}

export function fromOf(request: FastifyRequest): From {
  return {
    device: readCookie(request, 'sr_device'),
    address: request.ip,
    agent: request.headers['user-agent'] ?? '',
    requestId: request.id,
  }
}

/** A session as cookies for a browser, and in the body for machines. */
export function sendSession(
  request: FastifyRequest,
  reply: FastifyReply,
  session: SignedIn,
  recoveryCodes: readonly string[] | null = null,
): FastifyReply {
  setCookies(request, reply, session)
  const { accessToken, refreshToken, expiresIn, user } = session
  const body = { accessToken, refreshToken, expiresIn, user: meOf(user, actorOfUser(user, session.sessionId)) }
  return reply
    .header('cache-control', 'no-store')
    .send(recoveryCodes === null ? body : { ...body, recoveryCodes: [...recoveryCodes] })
}

/** The browser is known from now on: guesses from elsewhere do not lock its owner out. */
export async function rememberDevice(
  request: FastifyRequest,
  reply: FastifyReply,
  tokens: BrowserTokens,
  given: { readonly userId: string; readonly nowMs: number },
): Promise<void> {
  const value = await tokens.signDevice(given.userId, given.nowMs)
  putCookie(request, reply, { name: 'sr_device', value, maxAge: deviceDays * 86_400 })
}

export function setTicketCookie(request: FastifyRequest, reply: FastifyReply, ticket: string): void {
  putCookie(request, reply, { name: 'sr_ticket', value: ticket, maxAge: ticketSeconds })
}

/** 200 with a session, or 202 with what is still to be shown. */
export async function sendSignIn(
  request: FastifyRequest,
  reply: FastifyReply,
  tokens: BrowserTokens,
  answer: SignInAnswer,
  nowMs: number,
): Promise<FastifyReply> {
  if (answer.kind !== 'session')
    return reply
      .code(202)
      .header('cache-control', 'no-store')
      .send({ step: answer.kind, ticket: answer.ticket, expiresIn: ticketSeconds })
  await rememberDevice(request, reply, tokens, { userId: answer.session.user.id, nowMs })
  if (readCookie(request, 'sr_ticket') !== null) dropCookie(request, reply, 'sr_ticket')
  return sendSession(request, reply, answer.session, answer.recoveryCodes)
}
