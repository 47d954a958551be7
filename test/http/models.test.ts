import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { registerModel } from '#flows/change-models.ts'
import { openTestApp } from '../support/app.ts'
import { writeModelFolder } from '../support/model-folder.ts'

test('models over HTTP: all are listed, an administrator changes what serves, nobody else', async (t) => {
  const app = await openTestApp(t)
  const { ctx } = app
  const folder = mkdtempSync(join(tmpdir(), 'smartreturns-models-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const actor = { kind: 'system', id: 'test', role: 'system', hubIds: null, clientIds: null, scopes: [] } as const
  for (const version of ['1', '2']) {
    const made = writeModelFolder(join(folder, version), ctx.reference.features, {
      version,
      metrics: { grade: { ece: 0.01 } },
    })
    await registerModel(ctx, { actor, requestId: 'test', input: { folder: made } })
  }
  const admin = await app.as('admin')
  const analyst = await app.as('analyst')
  const promote = (version: string, body: unknown, call = admin) =>
    call('POST', `/api/ai/models/${version}/promote`, body)

  await t.test('the list tells engines, versions, metrics and aliases', async () => {
    const { status, body } = await analyst('GET', '/api/ai/models')
    assert.equal(status, 200)
    const facts = body.data.map((model: any) => [
      model.level,
      model.engine,
      model.version,
      model.isServing,
      model.aliases,
    ])
    assert.deepEqual(facts[0].slice(0, 2), ['L2', 'tables'])
    assert.deepEqual(facts.slice(2).toSorted(), [
      ['L1', 'trees', '1', false, []],
      ['L1', 'trees', '2', false, []],
    ])
    assert.deepEqual(body.data.at(-1).metrics, { 'grade.ece': 0.01 })
  })
  await t.test('what is refused, and how', async () => {
    assert.equal((await promote('1', { version: '1' }, analyst)).status, 403)
    assert.equal((await promote('1', { version: '1' }, await app.as('manager'))).status, 403)
    assert.deepEqual(codeOf(await promote('1', { version: '2' })), [400, 'version_differs'])
    assert.deepEqual(codeOf(await promote('9', { version: '9' })), [404, 'model_unknown'])
    assert.equal((await promote('1', { version: '1', force: true })).status, 400, 'force needs a reason')
    const closed = await promote('1', { version: '1' })
    assert.deepEqual(codeOf(closed), [422, 'model_gate_closed'])
    assert.ok(closed.body.errors.some((error: any) => error.code === 'gain_lower_bound'))
    assert.deepEqual(codeOf(await admin('POST', '/api/ai/models/rollback', { reason: 'none before' })), [
      409,
      'model_none_before',
    ])
  })
  await t.test('the gate is told before, and is the one that a promotion asks', async () => {
    const gate = await analyst('GET', '/api/ai/models/1/gate')
    assert.deepEqual([gate.status, gate.body.version, gate.body.isOpen], [200, '1', false])
    const ids = gate.body.conditions.map((one: any) => one.id)
    assert.deepEqual(ids.slice(0, 2), ['contract_hash', 'parity_rows'])
    const contract = gate.body.conditions[0]
    assert.deepEqual([contract.met, contract.bar], [true, `= ${contract.value}`])
    const gain = gate.body.conditions.find((one: any) => one.id === 'gain_lower_bound')
    assert.deepEqual([gain.value, gain.bar, gain.met], [null, '> 0', false], 'what was not measured is not met')
    const unmet = gate.body.conditions.filter((one: any) => !one.met).map((one: any) => one.id)
    const refused = await promote('1', { version: '1' })
    assert.deepEqual(
      refused.body.errors.map((one: any) => one.code),
      unmet,
    )
    assert.deepEqual(codeOf(await analyst('GET', '/api/ai/models/9/gate')), [404, 'model_unknown'])
  })
  await t.test('promote and roll back', async () => {
    for (const version of ['1', '2']) {
      const { status, body } = await promote(version, { version, force: true, reason: 'a test' })
      assert.deepEqual([status, body.version, body.forced, body.refused], [200, version, true, null])
    }
    const { status, body } = await admin('POST', '/api/ai/models/rollback', { reason: 'a test' })
    assert.deepEqual([status, body.version, body.before], [200, '1', '2'])
    const list = (await analyst('GET', '/api/ai/models')).body.data
    assert.deepEqual(list.find((model: any) => model.version === '1').aliases, ['champion'])
  })
  await t.test('no drift report before the first night', async () => {
    assert.deepEqual((await analyst('GET', '/api/ai/models/drift')).body, { data: [] })
  })
})

const codeOf = ({ status, body }: { status: number; body: any }) => [status, body.code]
