import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { FeatureContract } from '#contracts/features.ts'
import type { FeatureStore } from '#integrations/feature-store/port.ts'

export type OpenedFeatures = {
  readonly store: FeatureStore
  readonly contract: FeatureContract
  /** Ids of units that may have features. */
  readonly ids: readonly string[]
}

/** What every engine of the feature store keeps to. */
export function featureStoreSuite(
  engine: string,
  open: (t: TestContext) => Promise<OpenedFeatures>,
  options: { readonly skip?: string | false } = {},
): void {
  test(`feature store: ${engine}`, { skip: options.skip ?? false }, async (t) => {
    const { store, contract, ids } = await open(t)
    const width = contract.features.length
    const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 6, 0, seconds))
    const row = (seed: number) =>
      Float32Array.from({ length: width }, (_, i) =>
        (i + seed) % 6 === 0 ? Number.NaN : Math.sin(i * seed + 1) * 10 ** (i % 7),
      )
    const read = async (id: string) => (await store.read([id]))[0]

    await t.test('numbers come back as they went in, to float32, and what is missing is missing', async () => {
      await store.push(ids.map((returnId, i) => ({ returnId, at: at(1), row: row(i + 1) })))
      const back = await store.read([...ids].toReversed())
      back.toReversed().forEach((found, i) => assert.deepEqual([...found!], [...row(i + 1)]))
    })
    await t.test('the newest row holds', async () => {
      await store.push([{ returnId: ids[0]!, at: at(5), row: row(50) }])
      assert.deepEqual([...(await read(ids[0]!))!], [...row(50)])
      await store.push([{ returnId: ids[0]!, at: at(5), row: row(50) }])
      await store.push([
        { returnId: ids[1]!, at: at(7), row: row(71) },
        { returnId: ids[1]!, at: at(6), row: row(61) },
      ])
      assert.deepEqual([...(await read(ids[1]!))!], [...row(71)])
    })
    await t.test('nothing pushed, nothing asked, and units that are not known', async () => {
      await store.push([])
      assert.deepEqual(await store.read([]), [])
      assert.deepEqual(await store.read(['01920000-0000-7000-8000-00000000dead']), [null])
    })
  })
}
