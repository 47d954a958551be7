import type { FeatureContract } from '#contracts/features.ts'
import type { Http } from '#integrations/http.ts'
import { AppError } from '#kernel/errors.ts'
import { newestOf } from './newest.ts'
import type { FeatureStore } from './port.ts'

/** Names of `ml/serving/feature_repo`: the push source, and the service that holds all features of the contract. */
const source = 'returns_push'
const service = 'returns_v1'
const key = 'return_id'
const batchMax = 500

/** A Feast feature server. A missing number is null on its wire. */
export function openFeast(http: Http, contract: FeatureContract): FeatureStore {
  const names = contract.features.map((feature) => feature.name)
  return {
    engine: 'feast',
    push: async (rows) => {
      const list = newestOf(rows)
      for (let from = 0; from < list.length; from += batchMax) {
        const part = list.slice(from, from + batchMax)
        const columns = Object.fromEntries(names.map((name, i) => [name, part.map(({ row }) => numberOrNull(row[i]!))]))
        await http.json({
          operation: 'push',
          method: 'POST',
          path: '/push',
          body: {
            push_source_name: source,
            df: {
              [key]: part.map(({ returnId }) => returnId),
              event_timestamp: part.map(({ at }) => at.toISOString()),
              ...columns,
            },
            to: 'online',
          },
        })
      }
    },
    read: async (returnIds) => {
      const rows: (Float32Array | null)[] = []
      for (let from = 0; from < returnIds.length; from += batchMax) {
        const ids = returnIds.slice(from, from + batchMax)
        const { body } = await http.json({
          operation: 'read',
          method: 'POST',
          isRepeatable: true,
          path: '/get-online-features',
          body: { feature_service: service, entities: { [key]: ids } },
        })
        rows.push(...rowsOf(body, ids, names))
      }
      return rows
    },
    close: () => Promise.resolve(),
  }
}

const numberOrNull = (value: number) => (Number.isFinite(value) ? value : null)

type Answer = {
  readonly metadata?: { readonly feature_names?: readonly string[] }
  readonly results?: readonly { readonly values?: readonly unknown[]; readonly statuses?: readonly string[] }[]
}

/** The answer is in columns: `results[i]` belongs to `feature_names[i]`. */
function rowsOf(body: unknown, ids: readonly string[], names: readonly string[]): (Float32Array | null)[] {
  const wrong = (detail: string) => new AppError('unavailable', `feast: ${detail}`, { problem: 'wrong_shape' })
  const { metadata, results } = (body ?? {}) as Answer
  const columns = new Map((metadata?.feature_names ?? []).map((name, i) => [name, results?.[i]]))
  const keys = columns.get(key)?.values ?? []
  if (keys.length !== ids.length || ids.some((id, i) => keys[i] !== id)) throw wrong('the answer is about other units')
  const found = names.map((name) => columns.get(name) ?? undefined)
  if (found.some((column) => column?.values?.length !== ids.length)) throw wrong('the answer lacks features')
  return ids.map((_, i) => {
    if (found.every((column) => column!.statuses?.[i] === 'NOT_FOUND')) return null
    return Float32Array.from(found, (column) => {
      const value = column!.values![i]
      return typeof value === 'number' ? value : Number.NaN
    })
  })
}
