import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadDemo } from '#flows/demo/load-demo.ts'
import { returnSchema, type Return } from '#contracts/returns.ts'
import { listReturns, listReturnsAsJson } from '#services/returns/index.ts'
import { openTestContext } from '../support/context.ts'

const admin = { kind: 'user', id: 'u', role: 'admin', hubIds: null, clientIds: null, scopes: [] } as const

test('the list that the server writes says what the list that we write says', async (t) => {
  const ctx = await openTestContext(t)
  await loadDemo(ctx, { returns: 150, seed: 3, endMs: ctx.now() }, () => {})
  let after: readonly (string | null)[] | null = null
  let seen = 0
  do {
    const query = { filters: [], sort: [], limit: 40, after, total: 'exact' as const }
    const ours = await listReturns(ctx, admin, query)
    const theirs = await listReturnsAsJson(ctx, admin, query)
    const rows = JSON.parse(theirs.json) as Return[]
    assert.deepEqual(rows, ours.data)
    assert.deepEqual([theirs.next, theirs.total], [ours.next, ours.total])
    for (const row of rows) returnSchema.parse(row)
    seen += rows.length
    after = theirs.next
  } while (after !== null)
  assert.equal(seen, 150)
  const query = { filters: [], sort: [], limit: 200, after: null, total: 'none' as const }
  const plain = JSON.parse((await listReturnsAsJson(ctx, admin, query)).json) as Return[]
  const asked = { ...query, include: ['recommendation'] }
  const levelled = JSON.parse((await listReturnsAsJson(ctx, admin, asked)).json) as Return[]
  for (const row of levelled) returnSchema.parse(row)
  const levels = new Map(
    (
      await ctx.db.query<{ id: string; level: string }>(
        'select return_id as id, level from ai_recommendations where is_current',
      )
    ).map((row) => [row.id, row.level]),
  )
  // What policy refused has none.
  assert.ok(levels.size > 140 && levels.size < 150, String(levels.size))
  assert.deepEqual(
    levelled,
    plain.map((row) => ({
      ...row,
      recommendation: row.recommendation && { ...row.recommendation, level: levels.get(row.id) },
    })),
  )
  // A row that changed has another version, so its text is made anew.
  const [first] = plain
  await ctx.db.query(`update return_items set title = 'another', version = version + 1 where id = $1`, [first!.id])
  const again = JSON.parse((await listReturnsAsJson(ctx, admin, query)).json) as Return[]
  assert.deepEqual(again[0], { ...first, title: 'another', version: first!.version + 1 })
  await ctx.db.query(`update return_items set title = $2, version = version - 1 where id = $1`, [
    first!.id,
    first!.title,
  ])
  const none = {
    filters: [{ field: 'lpn', operator: 'eq' as const, values: ['none'] }],
    sort: [],
    limit: 5,
    after: null,
    total: 'none' as const,
  }
  assert.deepEqual(await listReturnsAsJson(ctx, admin, none), { json: '[]', next: null })
})
