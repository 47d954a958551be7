import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { recordShippedMappings } from '#services/returns/index.ts'
import type { ImportReport } from '#contracts/imports.ts'
import { openTestContext } from '../support/context.ts'
import { givenClient, givenHub } from '../support/given.ts'
import { returnsTable, shippedMapping } from '../support/import-files.ts'

type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly out: string
  readonly err: string
}

async function setUp(t: TestContext) {
  const ctx = await openTestContext(t)
  await givenClient(ctx, 'acme')
  await givenHub(ctx, { capacity: 1_000_000 })
  await recordShippedMappings(
    ctx.db,
    [await shippedMapping('smartreturns-csv'), await shippedMapping('superstore')],
    new Date(ctx.now()),
  )
  const folder = mkdtempSync(join(tmpdir(), 'import-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const recorded = async () => (await ctx.db.query<{ n: number }>('select count(*) as n from return_items'))[0]!.n
  const run = (...words: string[]) => start(t, ctx.db.connectionString, words)
  return { ctx, folder, file, recorded, run }
}

function start(
  t: TestContext,
  connectionString: string,
  words: readonly string[],
): { child: ChildProcess; ended: Promise<Ended> } {
  const script = join(import.meta.dirname, '..', 'support', 'import-cli.ts')
  const child = spawn(process.execPath, [script, connectionString, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk) => (out += chunk))
  child.stderr.on('data', (chunk) => (err += chunk))
  const ended = new Promise<Ended>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  )
  return { child, ended }
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await condition())) {
    if (Date.now() > deadline) assert.fail('it did not come to that in 30 s')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('exit codes and outputs: done, partly, usage, the same file again', async (t) => {
  const { file, folder, recorded, run } = await setUp(t)
  const good = file('good.csv', returnsTable(20))
  const done = await run(good, '--map', 'smartreturns-csv', '--client', 'acme', '--json').ended
  assert.equal(done.code, 0, done.err)
  const report = JSON.parse(done.out) as ImportReport
  assert.equal(report.counts.accepted, 20)

  const again = await run(good, '--client', 'acme').ended
  assert.equal(again.code, 0, again.err)
  assert.match(again.out, /was taken in before.*\n[^]*nothing was added/)

  const errors = join(folder, 'errors.csv')
  const partly = await run(
    file('partly.csv', returnsTable(20, { bad: [4], prefix: 'P' })),
    '--client',
    'acme',
    '--errors',
    errors,
  ).ended
  assert.equal(partly.code, 3, partly.err)
  assert.match(partly.out, /19 {2}returns recorded\n[^]*1 {2}rows refused/)
  assert.equal(
    readFileSync(errors, 'utf8'),
    'line,column,code,reason,value\r\n6,price,number_format,not a number as en-IN writes it,much\r\n',
  )

  const dry = await run(file('dry.csv', returnsTable(5, { prefix: 'D' })), '--client', 'acme', '--dry-run').ended
  assert.equal(dry.code, 0)
  assert.match(dry.out, /nothing was written/)
  assert.equal(await recorded(), 39)

  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [[join(folder, 'absent.csv'), '--client', 'acme'], /there is no file/],
    [[good, '--client', 'nobody'], /there is no client nobody/],
    [[good], /--client/],
    [[good, '--client', 'acme', '--map', 'superstor'], /the nearest is superstore/],
    [[good, '--client', 'acme', '--map', 'superstore'], /no column "order_id"/],
    [
      [
        good,
        '--client',
        'acme',
        '--map',
        file('map.json', '{"name":"x","version":1,"kind":"returns","columns":{"clientreff":{"from":"a"}}}'),
      ],
      /the nearest is "clientRef"/,
    ],
    [[file('book.csv', 'PK\x03\x04'), '--client', 'acme'], /workbook is broken: open it, save it again/],
  ]
  for (const [words, text] of wrong) {
    const ended = await run(...words).ended
    assert.equal(ended.code, 2, ended.err)
    assert.match(ended.err, text)
  }
})

test('Ctrl-C ends the rows at work, says how to go on, and --resume does', async (t) => {
  const { file, recorded, run } = await setUp(t)
  const path = file('long.csv', returnsTable(6_000))
  const { child, ended } = run(path, '--client', 'acme')
  await until(async () => (await recorded()) > 0)
  child.kill('SIGINT')
  const stopped = await ended
  assert.equal(stopped.code, 130, stopped.err)
  assert.match(stopped.err, /go on with: smartreturns import .* --resume/)
  const kept = await recorded()
  assert.ok(kept < 6_000, 'it had ended before it was stopped')
  const resumed = await run(path, '--client', 'acme', '--resume', '--json').ended
  assert.equal(resumed.code, 0, resumed.err)
  const { counts } = JSON.parse(resumed.out) as ImportReport
  assert.ok(!('run' in counts), 'who works on it is no count')
  assert.deepEqual([counts.rows, counts.accepted, counts.repeated], [6_000, 6_000, 0])
  assert.equal(await recorded(), 6_000)
})

test('a process that is killed at any slice costs nothing and doubles nothing', async (t) => {
  const { ctx, file, recorded, run } = await setUp(t)
  const path = file('killed.csv', returnsTable(4_000))
  let at = 0
  for (let kills = 0; kills < 3; kills++) {
    const { child, ended } = run(path, '--client', 'acme', '--resume')
    at += 200 + Math.floor(Math.random() * 900)
    t.diagnostic(`killed after ${at} returns`)
    await until(async () => (await recorded()) >= Math.min(at, 3_800))
    child.kill('SIGKILL')
    assert.equal((await ended).signal, 'SIGKILL')
    at = await recorded()
    const [row] = await ctx.db.query<{ line: number }>('select next_line as line from imports')
    assert.ok(row!.line <= at + 2, `the checkpoint ${row!.line} promises more than the ${at} returns that are there`)
  }
  const last = await run(path, '--client', 'acme', '--resume', '--json').ended
  assert.equal(last.code, 0, last.err)
  assert.equal(await recorded(), 4_000)
  const [events] = await ctx.db.query<{ n: number }>(`select count(*) as n from events where type = 'ReturnSubmitted'`)
  assert.equal(events!.n, 4_000)
})
