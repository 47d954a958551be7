import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkInvariants } from '#platform/events/invariants.ts'
import { openTestApp, type Call } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'

/** Where a return may stand after one command, from where it stood before: the graph of design.md 2. */
const leadsTo: Readonly<Record<string, readonly string[]>> = {
  submitted: ['validated', 'rejected', 'cancelled'],
  validated: ['recommended', 'rejected', 'cancelled'],
  recommended: ['hub_assigned', 'received', 'rejected', 'cancelled'],
  hub_assigned: ['hub_assigned', 'recommended', 'received', 'rejected', 'cancelled'],
  received: ['quality_check'],
  quality_check: ['disposition'],
  disposition: ['completed', 'quality_check'],
  completed: ['disposition', 'completed'],
  rejected: [],
  cancelled: [],
}

type Known = { readonly id: string; stage: string; version: number }
type Model = { readonly returns: Known[]; refused: number; done: number }
type Real = {
  readonly call: Call
  readonly clientId: string
  readonly hubIds: readonly string[]
  readonly answers: object
}

let refs = 0

/** One call; whatever it answers, the return stands where a rule allows, and a refusal changes nothing. */
class OnReturn implements fc.AsyncCommand<Model, Real> {
  readonly name: string
  readonly pick: number
  readonly body: (real: Real, one: Known) => readonly ['POST' | 'PUT' | 'DELETE', string, unknown]
  readonly isStale: boolean

  constructor(name: string, pick: number, isStale: boolean, body: OnReturn['body']) {
    this.name = name
    this.pick = pick
    this.isStale = isStale
    this.body = body
  }
  check(model: Readonly<Model>): boolean {
    return model.returns.length > 0
  }
  async run(model: Model, real: Real): Promise<void> {
    const open = model.returns.filter(({ stage }) => leadsTo[stage]!.length > 0)
    const among = this.name === 'onward' && open.length > 0 ? open : model.returns
    const one = among[this.pick % among.length]!
    const [method, url, body] = this.body(real, one)
    const ifMatch = { 'if-match': `"${this.isStale ? one.version + 7 : one.version}"` }
    const answer = await real.call(method, url, body, url.startsWith('/api/quality') ? {} : ifMatch)
    assert.ok(answer.status < 500, `${this.toString()}: ${answer.status} ${answer.text}`)
    const now = (await real.call('GET', `/api/returns/${one.id}`)).body
    if (answer.status >= 300) {
      model.refused += 1
      assert.deepEqual(
        [now.stage, now.version],
        [one.stage, one.version],
        `${this.toString()} was refused and changed something`,
      )
      return
    }
    model.done += 1
    if (this.isStale && !url.startsWith('/api/quality')) assert.fail(`${this.toString()} took an old version`)
    assert.ok(now.version > one.version, `${this.toString()} changed nothing`)
    const isAllowed = now.stage === one.stage || leadsTo[one.stage]!.includes(now.stage)
    assert.ok(isAllowed, `${this.toString()} led from ${one.stage} to ${now.stage}`)
    one.stage = now.stage
    one.version = now.version
  }
  toString(): string {
    return `${this.name}(${this.pick}${this.isStale ? ', stale' : ''})`
  }
}

class Submit implements fc.AsyncCommand<Model, Real> {
  readonly isRepeat: boolean
  constructor(isRepeat: boolean) {
    this.isRepeat = isRepeat
  }
  check(): boolean {
    return true
  }
  async run(model: Model, real: Real): Promise<void> {
    if (!this.isRepeat || refs === 0) refs += 1
    const answer = await real.call('POST', '/api/returns', {
      clientId: real.clientId,
      clientRef: `MODEL-${refs}`,
      title: 'Cotton kurta, blue',
      categoryId: 'fashion.apparel.ethnic',
      price: { amount: 79_900, currency: 'INR' },
      reasonCode: 'size_or_fit',
      pickupPincode: '560034',
    })
    assert.ok([200, 201].includes(answer.status), `${answer.status} ${answer.text}`)
    const { id, stage, version } = answer.body
    const known = model.returns.find((one) => one.id === id)
    assert.equal(answer.status === 200, answer.body.repeated, 'a known unit is told so')
    if (known === undefined) model.returns.push({ id, stage, version })
    else assert.deepEqual([stage, version], [known.stage, known.version], 'a repeat changes nothing')
  }
  toString(): string {
    return this.isRepeat ? 'submit again' : 'submit'
  }
}

test(
  'a property-based run: whatever is commanded in whatever order, only what the rules allow happens',
  { timeout: 300_000 },
  async (t) => {
    const app = await openTestApp(t)
    const clientId = await givenClient(app.ctx)
    // One hub is nearly full: places run out in the course.
    const hubs = [
      await givenHub(app.ctx, { capacity: 6 }),
      await givenHub(app.ctx, { code: 'DEL-1', pincode: '110001' }),
    ]
    const call = await app.as('admin')
    const { body: rubric } = await call('GET', '/api/quality/rubrics/fashion.apparel.ethnic')
    const answers = Object.fromEntries(
      rubric.questions
        .filter((one: { required: boolean; isConditional: boolean }) => one.required && !one.isConditional)
        .map((one: { id: string; answers: { value: string }[] }) => [one.id, one.answers[0]!.value]),
    )
    const real: Real = { call, clientId, hubIds: hubs.map(({ id }) => id), answers }
    const made = (name: string, body: OnReturn['body']) =>
      fc
        .tuple(fc.nat(20), fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, fc.constant(true)))
        .map(([pick, isStale]) => new OnReturn(name, pick, isStale, body))
    const put = (command: object) => (_: Real, one: Known) => ['PUT', `/api/returns/${one.id}`, command] as const
    // The step that the stage asks for next, so that runs get far whatever the dice say.
    const step: Readonly<Record<string, OnReturn['body']>> = {
      recommended: ({ hubIds }, one) => ['POST', '/api/hubs/assign', { returnId: one.id, hubId: hubIds[1] }],
      hub_assigned: put({ command: 'receive', hubId: real.hubIds[1], reroute: true }),
      received: (with_, one) => ['POST', '/api/quality/check', { returnId: one.id, answers: with_.answers }],
      quality_check: put({ command: 'decide' }),
      disposition: put({ command: 'execute', execution: 'done' }),
      completed: put({ command: 'execute', execution: 'reversed' }),
    }
    const onward = made('onward', (with_, one) => (step[one.stage] ?? put({ command: 'decide' }))(with_, one))
    const commands = [
      ...[1, 2, 3, 4, 5, 6].map(() => onward),
      ...[1, 2, 3].map(() => fc.nat(3).map((dice) => new Submit(dice === 0))),
      made('assign', ({ hubIds }, one) => ['POST', '/api/hubs/assign', { returnId: one.id, hubId: hubIds[0] }]),
      made('receive', ({ hubIds }, one) => [
        'PUT',
        `/api/returns/${one.id}`,
        { command: 'receive', hubId: hubIds[1], reroute: true },
      ]),
      made('check', (with_, one) => ['POST', '/api/quality/check', { returnId: one.id, answers: with_.answers }]),
      made('decide', put({ command: 'decide' })),
      made(
        'override',
        put({ command: 'decide', disposition: 'liquidate', channel: 'liquidator', reasonCode: 'condition_worse' }),
      ),
      made('begin', put({ command: 'execute', execution: 'in_progress' })),
      made('finish', put({ command: 'execute', execution: 'done' })),
      made('reverse', put({ command: 'execute', execution: 'reversed' })),
      made('approve', put({ command: 'review', verdict: 'approve' })),
      made('reject', put({ command: 'review', verdict: 'reject' })),
      made('cancel', (_, one) => ['DELETE', `/api/returns/${one.id}`, undefined]),
    ]
    let [done, refused] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (run) => {
        const model: Model = { returns: [], refused: 0, done: 0 }
        await fc.asyncModelRun(() => ({ model, real }), run)
        done += model.done
        refused += model.refused
        assert.deepEqual(await checkInvariants(app.ctx.db), [])
      }),
      { numRuns: 12, endOnFailure: true },
    )
    assert.ok(done > 20 && refused > 20, `${done} commands were done, ${refused} refused`)
    t.diagnostic(`${done} commands were done, ${refused} refused`)
  },
)
