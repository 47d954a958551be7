import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPostgres } from '#platform/db/postgres.ts'
import { ask, end, type Program } from './program.ts'

/** A database of its own at the system's PostgreSQL; gone with the test. */
export async function newDatabase(t: Pick<TestContext, 'after'>, url: string) {
  const server = openPostgres({
    connectionString: url,
    poolMax: 1,
    applicationName: 'test',
    engine: 'postgres',
    statementTimeoutMs: 60_000,
  })
  const name = `processes_${randomBytes(5).toString('hex')}`
  await server.query(`create database ${name}`)
  t.after(async () => {
    await server.query(`drop database if exists ${name} with (force)`)
    await server.close()
  })
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}

export async function signIn(url: string): Promise<string> {
  const login = { email: 'admin@demo.smartreturns.local', password: 'demo admin holds the keys' }
  const { status, body } = await ask(url, null, 'POST', '/api/auth/login', login)
  assert.equal(status, 200, JSON.stringify(body))
  return body.accessToken as string
}

export async function isLeading({ url }: Program): Promise<boolean> {
  const text = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(1000) }).then(
    (answer) => answer.text(),
    () => '',
  )
  return /^smartreturns_leader 1$/m.test(text)
}

export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined>,
  ms = 60_000,
): Promise<T> {
  for (const over = Date.now() + ms; Date.now() < over; await sleep(100)) {
    const found = await look()
    if (found !== null && found !== false && found !== undefined) return found
  }
  return assert.fail(`never: ${what}`)
}

export function endsWith(t: Pick<TestContext, 'after'>, program: Program): Program {
  t.after(() =>
    (program.child.exitCode ?? program.child.signalCode) === null ? end(program.child, 'SIGKILL') : undefined,
  )
  return program
}

export const submission = (clientId: string, n: number | string) => ({
  clientId,
  clientRef: `R-${n}`,
  title: 'Cotton kurta',
  categoryId: 'fashion.apparel.ethnic',
  price: { amount: 79900, currency: 'INR' },
  pickupPincode: '560034',
})

/**
 * One return from intake to its end, a report by a job, and what the relay made of it; each call at the next of `urls`. Answers
 * what does not depend on the moment.
 */
export async function story(urls: readonly string[], name: string) {
  const token = await signIn(urls[0]!)
  let calls = 0
  const call = async (method: string, path: string, body?: unknown, key?: string) => {
    const answer = await ask(urls[calls++ % urls.length]!, token, method, path, body, key)
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return answer.body
  }
  const { id: clientId } = await call('POST', '/api/clients', { code: name, name })
  const hub = await call('POST', '/api/hubs', {
    code: `${name.slice(0, 3).toUpperCase()}-9`,
    name,
    pincode: '560066',
    capacity: 100_000,
    minutesPerDay: 9000,
    capabilities: ['battery', 'textile'],
    clientIds: [clientId],
  })
  const taken = await call('POST', '/api/returns', submission(clientId, 'story'), `${name}-1`)
  const again = await call('POST', '/api/returns', submission(clientId, 'story'), `${name}-1`)
  assert.equal(again.id, taken.id, 'a key that the other process knows')
  const stages = [taken.stage as string]
  stages.push((await call('POST', `/api/returns/${taken.id}/receive`, { hubId: hub.id })).stage)
  const rubric = await call('GET', '/api/quality/rubrics/fashion.apparel.ethnic')
  const asked = rubric.questions.filter((q: any) => q.required && !q.isConditional)
  const answers = Object.fromEntries(asked.map((q: any) => [q.id, q.answers[0].value]))
  const checked = await call('POST', '/api/quality/check', { returnId: taken.id, answers, photos: [] })
  const decided = await call('POST', `/api/returns/${taken.id}/disposition`, {})
  stages.push((await call('GET', `/api/returns/${taken.id}`)).stage)
  const report = await call('POST', '/api/analytics/reports', { kind: 'returns', from: '2026-01-01', to: '2030-12-31' })
  const job = await until('the report', async () => {
    const { state } = await call('GET', `/api/jobs/${report.id}`)
    return ['done', 'failed', 'cancelled'].includes(state) ? (state as string) : null
  })
  return { clientId: clientId as string, stages, grade: checked.grade as string, disposition: decided.disposition, job }
}
