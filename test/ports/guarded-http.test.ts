import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { openFeast } from '#integrations/feature-store/feast.ts'
import { guardHttp } from '#integrations/guarded-http.ts'
import { openHttp } from '#integrations/http.ts'
import type { AppError } from '#kernel/errors.ts'
import { openPolicies } from '#platform/resilience/registry.ts'
import { openMetrics } from '#platform/telemetry/metrics.ts'
import { policyLines } from '../../src/app/engines.ts'
import { outgoingPolicies } from '../../src/app/outgoing-policies.ts'
import { silentLog } from '../support/fakes.ts'

/** A real server that answers with the statuses given, then the last of them for ever. */
async function given(t: TestContext, statuses: number[]) {
  let asked = 0
  const server = createServer((request, response) => {
    request.resume()
    const status = statuses[Math.min(asked++, statuses.length - 1)]!
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const metrics = openMetrics()
  const policies = openPolicies({ log: silentLog, metrics })
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const http = guardHttp(
    openHttp({ system: 'feast', baseUrl, timeoutMs: 2000, bytesMax: 10_000, metrics }),
    policies.open(outgoingPolicies.feast),
  )
  return { http, metrics, policies, asked: () => asked }
}
const call = (method: 'GET' | 'POST') => ({ operation: 'look', method, path: '/x' })
const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as AppError).problem,
  )

test('a read is tried again after a passing failure, a write is not', async (t) => {
  const read = await given(t, [503, 200])
  assert.equal((await read.http.json(call('GET'))).status, 200)
  assert.equal(read.asked(), 2)
  const write = await given(t, [503, 200])
  assert.equal(await problemOf(write.http.json(call('POST'))), 'status_503')
  assert.equal(write.asked(), 1)
})

test('a refusal of our request is not tried again and leaves the breaker closed', async (t) => {
  const { http, policies, asked } = await given(t, [404])
  for (let i = 0; i < 8; i++) assert.equal(await problemOf(http.json(call('GET'))), 'status_404')
  assert.equal(asked(), 8)
  assert.equal(policies.states()[0]!.breaker, 'closed')
})

test('a system that is down opens its breaker: metrics and doctor say so, and nothing more is asked', async (t) => {
  const { http, metrics, policies, asked } = await given(t, [503])
  const before = await metrics.text()
  assert.match(before, /smartreturns_breaker_state\{system="feast"\} 0/)
  assert.equal(policyLines(policies)[0]!.state, 'ok')
  const feast = openFeast(http, { features: [] } as unknown as Parameters<typeof openFeast>[1])
  for (let i = 0; i < 8; i++) assert.notEqual(await problemOf(feast.read(['one'])), 'ok')
  const whenOpen = asked()
  assert.equal(whenOpen, 5, 'the breaker opens at the fifth failure, retries included')
  assert.equal(await problemOf(http.json(call('GET'))), 'breaker_open')
  assert.equal(asked(), whenOpen)

  const text = await metrics.text()
  assert.match(text, /smartreturns_breaker_state\{system="feast"\} 2/)
  assert.match(text, /smartreturns_policy_calls_total\{system="feast",outcome="status_503"\} \d/)
  assert.match(text, /smartreturns_policy_calls_total\{system="feast",outcome="breaker_open"\} \d/)
  assert.match(text, /smartreturns_policy_retries_total\{system="feast"\} [1-5]\n/)
  assert.match(text, /smartreturns_policy_in_flight\{system="feast"\} 0/)
  assert.equal(/127\.0\.0\.1/.test(text), false, 'names only')
  const [line] = policyLines(policies)
  assert.deepEqual([line!.what, line!.state], ['calls to feast', 'wrong'])
  assert.match(line!.detail, /^breaker open, 9 calls, \d retries, last failure: status_503$/)
})
