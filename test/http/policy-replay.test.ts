import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { policyReplayReportSchema } from '#contracts/policy-replay.ts'
import { policyReplayJob, policyReplayJobKind } from '#flows/policy-replay-job.ts'
import { runJob } from '#platform/jobs/store.ts'
import { openTestApp } from '../support/app.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { givenChecked } from '../support/lived.ts'

test('a policy replay over HTTP is a job with a file', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  await ctx.jobs.work(policyReplayJobKind, (input) =>
    runJob(ctx, String(input['jobId']), (asked, run) => policyReplayJob(ctx, asked, run)),
  )
  const clientId = await givenClient(ctx)
  const hub = await givenHub(ctx)
  await givenChecked(ctx, { clientId, hubId: hub.id }, [{}, { answer: 1 }, { answer: 1 }])
  const policy = { policy: { parameters: { lambdaE: { value: 8000 } } } }

  for (const role of ['admin', 'analyst'] as const) {
    await t.test(`${role}: asks, follows the job, reads the file`, async () => {
      const call = await app.as(role)
      const asked = await call('POST', '/api/ai/policy-replay', { policy, clientId })
      assert.equal(asked.status, 202, asked.text)
      let job = await call('GET', String(asked.headers['location']))
      // The answer does not wait for the job.
      for (let n = 0; n < 100 && ['queued', 'running'].includes(job.body.state); n++) {
        await setTimeout(50)
        job = await call('GET', String(asked.headers['location']))
      }
      assert.equal(job.body.state, 'done', job.text)
      const file = await call('GET', `/api/files/${job.body.result.fileId}`)
      assert.equal(file.status, 200)
      const { report, policy: kept } = JSON.parse(file.text)
      assert.deepEqual(kept, policy)
      assert.deepEqual(policyReplayReportSchema.parse(report), job.body.result.report)
      assert.equal(report.units, 3)
    })
  }

  await t.test('managers and workers may not', async () => {
    for (const role of ['manager', 'worker'] as const) {
      const call = await app.as(role)
      assert.equal((await call('POST', '/api/ai/policy-replay', { policy })).status, 403)
    }
  })

  await t.test('a bad policy makes no job, and every bad field is named', async () => {
    const call = await app.as('analyst')
    const bad = { policy: { parameters: { lambdaE: { value: 'much' } }, routes: { rescell: {} } } }
    const answer = await call('POST', '/api/ai/policy-replay', { policy: bad })
    assert.deepEqual([answer.status, answer.body.code], [400, 'policy_invalid'])
    assert.deepEqual(
      answer.body.errors.map((e: any) => e.pointer),
      ['/policy/routes/rescell', '/policy/parameters/lambdaE/value'],
    )
    assert.deepEqual((await call('GET', '/api/jobs')).body.data, [])
  })
})
