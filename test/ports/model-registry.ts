import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { hashOf } from '#integrations/model-registry/model-folder.ts'
import type { ModelFacts, ModelFiles, ModelRegistry } from '#integrations/model-registry/port.ts'
import { AppError } from '#kernel/errors.ts'

let made = 0

/** Versions that nobody else has used: a registry across the network outlives a test. */
export function newModel(text = 'model'): { readonly facts: ModelFacts; readonly files: ModelFiles } {
  const version = `t${Date.now().toString(36)}.${++made}`
  const files = new Map([
    ['model.json', Buffer.from(`{"version":"${version}","of":"${text}"}`)],
    ['golden.x.f32', Buffer.from(Float32Array.from([1, Number.NaN, 3]).buffer)],
    ['golden.y.f32', Buffer.alloc(0)],
  ])
  const facts = {
    version,
    sha256: hashOf(files),
    contractHash: 'c'.repeat(64),
    dataHash: 'd'.repeat(64),
    trainedOn: 'simulator seed 7',
    metrics: { 'grade.ece': 0.0125, n: 20_000 },
  }
  return { facts, files }
}

/** What every engine of the model registry keeps to. */
export function modelRegistrySuite(
  engine: string,
  open: (t: TestContext) => Promise<ModelRegistry>,
  options: { readonly skip?: string | false } = {},
): void {
  test(`model registry: ${engine}`, { skip: options.skip ?? false }, async (t) => {
    const registry = await open(t)
    let seconds = Math.floor(Date.now() / 1000)
    const at = () => new Date(1000 * ++seconds)
    const register = async (model = newModel()) => {
      await registry.register(model.facts, model.files, { by: 'user-1', at: at() })
      return model
    }
    const point = (alias: 'champion' | 'challenger', version: string, reason: string | null = null) =>
      registry.point({ alias, version, by: 'user-2', reason, isForced: reason !== null, at: at() })

    await t.test('what was registered is found as it was, its bytes too, and serves nothing', async () => {
      const { facts, files } = await register()
      const { registeredAt, ...found } = (await registry.find(facts.version)) ?? assert.fail('it is not there')
      assert.deepEqual(found, { ...facts, registeredBy: 'user-1', aliases: [] })
      assert.ok(Math.abs(Date.parse(registeredAt) - Date.now()) < 3_600_000)
      const read = await registry.read(facts.version)
      assert.deepEqual([...read.keys()].toSorted(), [...files.keys()].toSorted())
      assert.equal(hashOf(read), facts.sha256)
      assert.equal((await registry.list())[0]!.version, facts.version, 'the newest first')
    })
    await t.test('the same bytes again change nothing; other bytes under its version are refused', async () => {
      const model = await register()
      const count = (await registry.list()).length
      await register(model)
      assert.equal((await registry.list()).length, count)
      const other = newModel('another')
      const facts = { ...other.facts, version: model.facts.version }
      await assert.rejects(
        registry.register(facts, other.files, { by: 'user-1', at: at() }),
        isProblem('model_version_taken'),
      )
    })
    await t.test('an alias points at one version, and its history is kept', async () => {
      const [first, second] = [await register(), await register()]
      await point('champion', first.facts.version)
      const { before } = await point('champion', second.facts.version, 'it is better')
      assert.equal(before, first.facts.version)
      assert.equal((await registry.byAlias('champion'))?.version, second.facts.version)
      assert.deepEqual((await registry.find(first.facts.version))?.aliases, [])
      await point('challenger', second.facts.version)
      assert.deepEqual(((await registry.find(second.facts.version))?.aliases ?? []).toSorted(), [
        'challenger',
        'champion',
      ])
      assert.deepEqual(await point('champion', second.facts.version), { before: second.facts.version })
      const [last, earlier] = await registry.history('champion')
      assert.deepEqual(
        [last!.version, last!.by, last!.reason, last!.isForced],
        [second.facts.version, 'user-2', 'it is better', true],
      )
      assert.deepEqual([earlier!.version, earlier!.reason, earlier!.isForced], [first.facts.version, null, false])
    })
    await t.test('what is not registered is not found and cannot serve', async () => {
      assert.equal(await registry.find('never'), null)
      await assert.rejects(point('champion', 'never'), isProblem('model_unknown'))
    })
  })
}

export function isProblem(problem: string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof AppError, String(error))
    assert.equal(error.problem, problem)
    return true
  }
}
