import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ImportReport } from '#contracts/imports.ts'
import { importJob } from '#flows/import-job.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { JobCancelled, type JobRun } from '#platform/jobs/port.ts'
import { recordShippedMappings } from '#services/returns/index.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'
import { givenClient, givenHub, system } from '../support/given.ts'
import { returnsTable, shippedMapping } from '../support/import-files.ts'

async function setUp(t: Parameters<typeof openTestContext>[0], text: string) {
  const ctx = await openTestContext(t)
  const clientId = await givenClient(ctx)
  await givenHub(ctx, { capacity: 100_000 })
  await recordShippedMappings(ctx.db, [await shippedMapping('smartreturns-csv')], new Date(ctx.now()))
  const fileId = uuidv7(ctx.now())
  const blobKey = `import/${fileId}`
  await ctx.blobs.write(blobKey, Buffer.from(text))
  const input = {
    fileId,
    blobKey,
    fileName: 'returns.csv',
    bytes: text.length,
    clientId,
    mapping: null,
    isDryRun: false,
    actor: system,
  }
  const run: JobRun = { id: uuidv7(ctx.now()), createdBy: 'test', progress: () => Promise.resolve() }
  return { ctx, input, run }
}

/** A context that writes so many batches and then fails like a machine that is switched off. */
function failingAfter(ctx: TestContextOf, batches: number): TestContextOf {
  let done = 0
  const atOnce: typeof ctx.db.atOnce = (...args) => {
    done += 1
    return done > batches ? Promise.reject(new Error('switched off')) : ctx.db.atOnce(...args)
  }
  return { ...ctx, db: { ...ctx.db, atOnce } }
}

test('a job that is cancelled stops after the rows at work and keeps no upload', async (t) => {
  const { ctx, input, run } = await setUp(t, returnsTable(3_000))
  const cancelled: JobRun = { ...run, progress: () => Promise.reject(new JobCancelled('stop')) }
  await assert.rejects(importJob(ctx, input, cancelled), JobCancelled)
  assert.equal(await ctx.blobs.read(input.blobKey), null)
  const [row] = await ctx.db.query<{ state: string; n: number }>(
    'select state, (select count(*) from return_items) as n from imports',
  )
  assert.equal(row!.state, 'interrupted')
  assert.ok(row!.n > 0 && row!.n < 3_000)
})

test('a job that runs again after a crash goes on, and its errors file has every refused row once', async (t) => {
  const bad = [10, 400, 1_400]
  const { ctx, input, run } = await setUp(t, returnsTable(1_500, { bad }))
  await assert.rejects(importJob(failingAfter(ctx, 3), input, run), /switched off/)
  assert.notEqual(await ctx.blobs.read(input.blobKey), null)
  const { report, errorsFileId } = (await importJob(ctx, input, run)) as { report: ImportReport; errorsFileId: string }
  assert.equal(report.state, 'done')
  assert.match(report.notes[0] ?? '', /went on from line/)
  const [row] = await ctx.db.query<{ key: string }>('select blob_key as key from files where id = $1', [errorsFileId])
  const text = Buffer.from((await ctx.blobs.read(row!.key)) ?? []).toString()
  const lines = text.trim().split('\r\n').slice(1)
  assert.deepEqual(
    lines.map((line) => Number(line.split(',')[0])),
    bad.map((i) => i + 2),
  )
  const [stored] = await ctx.db.query<{ n: number }>('select count(*) as n from return_items')
  assert.equal(stored!.n, 1_500 - bad.length)
})

test('a file of too many lines is refused before any is taken in', async (t) => {
  const { ctx, input, run } = await setUp(t, 'clientRef\n'.repeat(500_003))
  await assert.rejects(importJob(ctx, input, run), /at most 500000 lines/)
  assert.equal(await ctx.blobs.read(input.blobKey), null)
})
