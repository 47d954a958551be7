import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { appendFile, cp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import fc from 'fast-check'
import { openCopies } from '#platform/events/checkpoint-copies.ts'
import { openAuditKey, readLastCheckpoint } from '#platform/events/checkpoint-store.ts'
import { openCheckpoints } from '#platform/events/checkpoints.ts'
import {
  grow,
  leafHash,
  nodeHash,
  packPeaks,
  rootByPath,
  rootOf,
  unpackPeaks,
  type Growing,
} from '#platform/events/merkle.ts'
import { openProofs } from '#platform/events/proofs.ts'
import { readRecords } from '#platform/events/checkpoint-store.ts'
import { recordText } from '#platform/events/records.ts'
import { verifyAudit } from '#platform/events/verify.ts'
import { runCli } from '../support/audit-cli.ts'
import { openTestContext, type TestContextOf } from '../support/context.ts'

/** A log of `records` events on a few streams, all of them under checkpoints with copies outside the database. */
async function givenSignedLog(t: TestContext, records: number) {
  const ctx = await openTestContext(t)
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-audit-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const secrets = {
    sealBytes: (plain: Uint8Array) => Buffer.from(plain),
    openBytes: (sealed: Uint8Array) => Buffer.from(sealed),
  }
  const parts = { ...ctx, secrets }
  const key = await openAuditKey(ctx.db, secrets, new Date(ctx.now()))
  const copies = await openCopies(folder, key)
  const checkpoints = await openCheckpoints(parts, copies)
  await append(ctx, 0, records)
  await checkpoints.make()
  return {
    ctx,
    parts,
    folder,
    key,
    copies,
    checkpoints,
    verify: () => verifyAudit(ctx.db, { witness: { key, copies } }),
  }
}

async function append(ctx: TestContextOf, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += 500) {
    const events = Array.from({ length: Math.min(500, from + count - at) }, (_, i) => {
      const n = at + i
      return { stream: `client-${n % 7}`, version: Math.floor(n / 7) + 1, type: 'Tested', data: { n, note: 'ä“|”' } }
    })
    await ctx.db.transaction((tx) => ctx.events.append(tx, events, new Date(ctx.now())))
  }
}

/** As a superuser who knows the code: rewrites the whole chain and its head, so that it verifies by itself. */
async function forgeChain(ctx: TestContextOf): Promise<void> {
  await ctx.db.owner.query(`do $$
    declare r record; previous bytea := decode(repeat('00', 32), 'hex'); begin
      for r in select * from events order by seq loop
        update events set prev_hash = previous, hash = sha256(previous || convert_to(r.seq || '|' || r.stream || '|' || r.version || '|'
          || r.type || '|' || (extract(epoch from r.at) * 1000000)::bigint || '|' || r.data::text, 'UTF8')) where seq = r.seq
          returning hash into previous;
      end loop;
      update log_head set seq = (select coalesce(max(seq), 0) from events), hash = previous;
    end $$`)
}

test('the tree is that of RFC 6962, and proofs lead to its root', () => {
  // The definition, word by word.
  const naive = (leaves: readonly Buffer[]): Buffer => {
    if (leaves.length === 1) return leaves[0]!
    let k = 1
    while (k * 2 < leaves.length) k *= 2
    return nodeHash(naive(leaves.slice(0, k)), naive(leaves.slice(k)))
  }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), (size) => {
      const leaves = Array.from({ length: size }, (_, i) => leafHash(`record ${i}`))
      let tree: Growing = { size: 0, peaks: [] }
      for (const leaf of leaves) {
        grow(tree, leaf, () => {})
        tree = { size: tree.size, peaks: unpackPeaks(packPeaks(tree.peaks)) }
      }
      assert.ok(rootOf(tree).equals(naive(leaves)))
    }),
    { numRuns: 60 },
  )
  // From RFC 9162's example of seven leaves, and the hash of an empty tree.
  assert.equal(leafHash('').toString('hex'), '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
})

test('checkpoints cover a thousand records or what a minute brought, and proofs hold for every record', async (t) => {
  const { ctx, key, copies, checkpoints } = await givenSignedLog(t, 2300)
  const sizes = await ctx.db.query<{ size: number }>('select size from audit_checkpoints order by size')
  assert.deepEqual(
    sizes.map(({ size }) => size),
    [1000, 2000, 2300],
  )
  assert.equal((await copies.notes()).length, 3)
  const { root, size } = (await readLastCheckpoint(ctx.db))!
  const records = await readRecords(ctx.db, 0, size)
  const prove = openProofs(ctx.db, size)
  for (const seq of [1, 2, 255, 256, 257, 1024, 2048, 2049, 2299, 2300]) {
    const path = await prove(seq)
    const leaf = leafHash(recordText(records[seq - 1]!))
    assert.ok(rootByPath(leaf, seq - 1, size, path)?.equals(root), `record ${seq}`)
    assert.ok(!rootByPath(leafHash('other'), seq - 1, size, path)?.equals(root))
    assert.ok(!rootByPath(leaf, seq % size, size, path)?.equals(root))
  }
  const report = await verifyAudit(ctx.db, { witness: { key, copies } })
  assert.deepEqual([report.isIntact, report.checked, report.signed, report.copied], [true, 2300, 2300, 2300])
  assert.equal(await checkpoints.make().then((row) => row?.size), 2300, 'nothing new, nothing signed')
})

test('what a superuser does to the log is found, and the record named (row 59)', async (t) => {
  const { ctx, folder, verify } = await givenSignedLog(t, 1500)
  const { owner } = ctx.db
  await owner.query('alter table events disable trigger user')
  await owner.query('alter table audit_checkpoints disable trigger user')
  await owner.query('create table kept as select * from events')
  await owner.query('create table kept_head as select * from log_head')
  await owner.query('create table kept_checkpoints as select * from audit_checkpoints')
  const restore = async () => {
    await owner.query('delete from events; insert into events select * from kept')
    await owner.query('delete from log_head; insert into log_head select * from kept_head')
    await owner.query('delete from audit_checkpoints; insert into audit_checkpoints select * from kept_checkpoints')
    const report = await verify()
    assert.equal(report.isIntact, true, report.firstBad?.problem)
  }
  const moved = (from: number, by: number) =>
    `update events set seq = seq + 100000 where seq >= ${from}; update events set seq = seq - 100000 + ${by} where seq >= 100000`
  const attacks: readonly (readonly [string, string, number])[] = [
    ['the payload edited', `update events set data = '{"n":0}' where seq = 700`, 700],
    ['the type edited', `update events set type = 'Other' where seq = 1500`, 1500],
    ['the stream edited', `update events set stream = 'client-99' where seq = 1`, 1],
    ['the time edited', `update events set at = at + interval '1 hour' where seq = 42`, 42],
    ['the time edited by a microsecond', `update events set at = at + interval '1 microsecond' where seq = 43`, 43],
    ['the version edited', `update events set version = 9999 where seq = 44`, 44],
    ['white space in the payload', `update events set data = (data::text || ' ')::json where seq = 45`, 45],
    ['one deleted', 'delete from events where seq = 321', 321],
    ['the first deleted', 'delete from events where seq = 1', 1],
    ['the last deleted', 'delete from events where seq = 1500', 1500],
    ['one deleted, the later ones moved up', `delete from events where seq = 321; ${moved(322, -1)}`, 321],
    [
      'one inserted',
      `${moved(501, 1)}; insert into events select 501, 'client-new', 1, type, data, at, prev_hash, hash from events where seq = 500`,
      501,
    ],
    [
      'two exchanged',
      'update events set seq = -1 where seq = 10; update events set seq = 10 where seq = 900; update events set seq = 900 where seq = -1',
      10,
    ],
    ['truncated at the end', 'delete from events where seq > 1200', 1201],
    ['all gone', 'delete from events', 1],
  ]
  for (const [name, sql, seq] of attacks) {
    await t.test(`${name}: the chain left as it is`, async () => {
      await owner.query(sql)
      const { firstBad } = await verify()
      assert.equal(firstBad?.seq, seq, firstBad?.problem)
      await restore()
    })
    await t.test(`${name}: the chain and its head made anew`, async () => {
      await owner.query(sql)
      await forgeChain(ctx)
      const chainAlone = await verifyAudit(ctx.db)
      if (sql.startsWith('update')) assert.equal(chainAlone.isIntact, true, 'the chain alone cannot tell')
      const { firstBad } = await verify()
      assert.equal(firstBad?.seq, seq, firstBad?.problem)
      await restore()
    })
  }
  await t.test('checkpoints gone, changed or signed by another key', async () => {
    await owner.query('delete from audit_checkpoints where size = 1000')
    assert.match((await verify()).firstBad?.problem ?? '', /gone from the database/)
    await restore()
    await owner.query('delete from audit_checkpoints; delete from events where seq > 600')
    await forgeChain(ctx)
    assert.deepEqual((await verify()).firstBad?.seq, 601)
    await restore()
    await owner.query(`update audit_checkpoints set note = replace(note, 'time 20', 'time 19') where size = 1500`)
    assert.match((await verify()).firstBad?.problem ?? '', /not signed by our key/)
    await restore()
  })
  await t.test('a record behind the head', async () => {
    await owner.query(
      `insert into events select 1501, 'client-new', 1, type, data, at, prev_hash, hash from events where seq = 1500`,
    )
    assert.equal((await verify()).firstBad?.seq, 1501)
    await restore()
  })
  await t.test('the copies outside, changed', async () => {
    const saved = `${folder}-saved`
    t.after(() => rmSync(saved, { recursive: true, force: true }))
    await cp(folder, saved, { recursive: true })
    const notes = join(folder, 'checkpoints.txt')
    await writeFile(notes, (await readFile(notes, 'utf8')).replace('1000', '1001'))
    assert.match((await verify()).firstBad?.problem ?? '', /not signed by our key/)
    await cp(saved, folder, { recursive: true })
    assert.equal((await verify()).isIntact, true)
  })
})

test('what a crash left half written outside is written again, and nothing that was changed is copied', async (t) => {
  const { ctx, parts, folder, copies, checkpoints, verify } = await givenSignedLog(t, 300)
  await appendFile(join(folder, 'checkpoints.txt'), 'smartreturns/half a note')
  await appendFile(join(folder, 'leaves.bin'), Buffer.alloc(50, 7))
  await append(ctx, 300, 200)
  await checkpoints.make()
  assert.equal((await copies.notes()).length, 2)
  assert.equal((await verify()).copied, 500)

  // Signed here, copied by another process later: between the two somebody changes a record.
  await append(ctx, 500, 100)
  const withoutCopies = await openCheckpoints(parts, null)
  await withoutCopies.make()
  await ctx.db.owner.query('alter table events disable trigger user')
  await ctx.db.owner.query(`update events set data = '{}' where seq = 555`)
  await checkpoints.make()
  assert.equal((await copies.notes()).length, 2, 'what was signed is not what stands there')
  assert.equal((await verify()).firstBad?.seq, 555)
})

test('by command line: signed, verified, and the bad record named with exit code 1', async (t) => {
  const { ctx, copies, checkpoints } = await givenSignedLog(t, 20)
  const opened = { ctx, audit: { checkpoints, copies } }
  await append(ctx, 20, 5)
  const signed = await runCli(opened, ['audit', 'sign'])
  assert.match(signed.output, /^smartreturns\/[0-9a-f]{16}\n25\n/)
  const good = await runCli(opened, ['verify-audit'])
  assert.deepEqual(
    [good.code, good.output.split('\n')[1]],
    [0, '25 under a signed checkpoint, 25 of them checked against the copies outside'],
  )
  assert.equal((await runCli(opened, ['audit', 'export', 'no-id'])).code, 1)
  await ctx.db.owner.query('alter table events disable trigger user')
  await ctx.db.owner.query(`update events set type = 'Other' where seq = 9`)
  const bad = await runCli(opened, ['verify-audit'])
  assert.deepEqual([bad.code, bad.output], [1, 'record 9: its content was changed\n'])
  const json = await runCli(opened, ['verify-audit', '--json'])
  assert.equal((JSON.parse(json.output) as { firstBad: { seq: number } }).firstBad.seq, 9)
})
