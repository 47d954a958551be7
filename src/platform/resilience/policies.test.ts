import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { openPolicy, type BreakerState, type PolicySettings } from './policies.ts'

const settings = (over: Partial<PolicySettings> = {}): PolicySettings => ({
  name: 'model server',
  timeoutMs: 1000,
  breaker: { failures: 5, withinMs: 30_000, halfOpenAfterMs: 30_000 },
  bulkhead: { concurrentMax: 50, queueMax: 0 },
  ...over,
})
const broken = () => Promise.reject(new AppError('unavailable', 'status 500', { problem: 'status_500' }))
const problemOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail('it answered'),
    (thrown: unknown) => thrown,
  )
  return error instanceof AppError ? error.problem : assert.fail(String(error))
}

function stopClock(t: TestContext): (ms: number) => void {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 })
  return (ms) => t.mock.timers.tick(ms)
}

test('five failures within 30 s open the breaker, whatever succeeded between them', async (t) => {
  const pass = stopClock(t)
  const policy = openPolicy(settings())
  for (let i = 0; i < 5; i++) {
    assert.equal(policy.state().breaker, 'closed')
    assert.equal(await policy.run(() => Promise.resolve(i)), i)
    assert.equal(await problemOf(policy.run(broken)), 'status_500')
    pass(7000)
  }
  assert.equal(policy.state().breaker, 'open')
  let asked = 0
  assert.equal(await problemOf(policy.run(() => Promise.resolve(++asked))), 'breaker_open')
  assert.equal(asked, 0)
  assert.deepEqual(policy.state().lastFailure, { why: 'status_500', atMs: 1_028_000 })
})

test('failures further apart do not open it', async (t) => {
  const pass = stopClock(t)
  const policy = openPolicy(settings())
  for (let i = 0; i < 12; i++) {
    assert.equal(await problemOf(policy.run(broken)), 'status_500')
    pass(7600)
  }
  assert.equal(policy.state().breaker, 'closed')
})

test('after 30 s one probe goes through: it closes the breaker or opens it again; others do not wait for it', async (t) => {
  const pass = stopClock(t)
  const states: BreakerState[] = []
  const policy = openPolicy(settings({ onState: (state) => states.push(state) }))
  for (let i = 0; i < 5; i++) await problemOf(policy.run(broken))
  pass(29_999)
  assert.equal(await problemOf(policy.run(() => Promise.resolve(1))), 'breaker_open')
  pass(1)
  assert.equal(await problemOf(policy.run(broken)), 'status_500')
  assert.equal(policy.state().breaker, 'open')
  pass(30_000)
  let answer: (value: string) => void = () => assert.fail('the probe was not asked')
  const probe = policy.run(() => new Promise<string>((resolve) => (answer = resolve)))
  await sleep(0)
  assert.equal(policy.state().breaker, 'half_open')
  assert.equal(await problemOf(policy.run(() => Promise.resolve('other'))), 'breaker_open')
  answer('probe')
  assert.equal(await probe, 'probe')
  assert.equal(policy.state().breaker, 'closed')
  assert.equal(await problemOf(policy.run(broken)), 'status_500')
  assert.equal(policy.state().breaker, 'closed', 'what was before the probe is forgotten')
  assert.deepEqual(states, ['open', 'half_open', 'open', 'half_open', 'closed'])
})

test('a slow call ends in time, is told to stop, and counts for the breaker', async () => {
  const policy = openPolicy(
    settings({ timeoutMs: 30, breaker: { failures: 1, withinMs: 1000, halfOpenAfterMs: 1000 } }),
  )
  let stopped = false
  const startedAt = performance.now()
  const problem = await problemOf(
    policy.run(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            stopped = true
            reject(new Error('stopped'))
          })
        }),
    ),
  )
  assert.equal(problem, 'timeout')
  assert.ok(performance.now() - startedAt < 500)
  await sleep(5)
  assert.deepEqual([stopped, policy.state().breaker, policy.state().inFlight], [true, 'open', 0])
})

test('no more calls at once than there are places, and being busy is no failure of the other side', async () => {
  const policy = openPolicy(
    settings({
      bulkhead: { concurrentMax: 2, queueMax: 1 },
      breaker: { failures: 1, withinMs: 1000, halfOpenAfterMs: 1000 },
    }),
  )
  let running = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++running)
    await sleep(20)
    running -= 1
  }
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => policy.run(work)))
  assert.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 3)
  assert.equal(most, 2)
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [(outcome.reason as AppError).problem] : [],
  )
  assert.deepEqual(refused, ['busy', 'busy', 'busy'])
  assert.equal(policy.state().breaker, 'closed')
})

test('with half of the calls failing, retries stay within a tenth of the calls, and help', async () => {
  const policy = openPolicy(
    settings({
      breaker: { failures: 1_000_000, withinMs: 1000, halfOpenAfterMs: 1000 },
      retry: { attemptsMax: 1, firstWaitMs: 1, budgetShare: 0.1, isTransient: () => true },
    }),
  )
  let asked = 0
  const flapping = () => (asked++ % 2 === 0 ? broken() : Promise.resolve('ok'))
  let answered = 0
  for (let i = 0; i < 1000; i++) {
    await policy.run(flapping).then(
      () => (answered += 1),
      () => {},
    )
  }
  const { calls, retries } = policy.state()
  assert.deepEqual([calls, asked - calls], [1000, retries])
  assert.ok(retries >= 80 && retries <= 105, `${retries} retries for ${calls} calls`)
  assert.ok(answered > 500)
})

test('what is not transient is not tried again', async () => {
  const policy = openPolicy(
    settings({ retry: { attemptsMax: 3, firstWaitMs: 1, budgetShare: 1, isTransient: () => false } }),
  )
  let asked = 0
  await problemOf(policy.run(() => (asked++, broken())))
  assert.equal(asked, 1)
})

test('waits grow by two, and full jitter takes any part of them', async (t) => {
  const waitsAt = async (random: number) => {
    const mocked = t.mock.method(Math, 'random', () => random)
    const waits: number[] = []
    const policy = openPolicy(
      settings({
        breaker: { failures: 100, withinMs: 1000, halfOpenAfterMs: 1000 },
        retry: { attemptsMax: 3, firstWaitMs: 10, budgetShare: 0.1, isTransient: () => true },
        onRetry: (waitMs) => waits.push(waitMs),
      }),
    )
    await problemOf(policy.run(broken))
    mocked.mock.restore()
    return waits
  }
  assert.deepEqual(await waitsAt(0.999), [9, 19, 39])
  assert.deepEqual(await waitsAt(0.5), [5, 10, 20])
  assert.deepEqual(await waitsAt(0), [0, 0, 0])
})
