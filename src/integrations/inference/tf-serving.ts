import type { Http } from '#integrations/http.ts'
import { fieldsOf, listsOf, readNames, readValues, unavailable, withMask, type RemoteModel } from './remote.ts'

/**
 * TensorFlow Serving over REST, in columns: inputs `rows` and `missing`, n x features; outputs `predictions`, n x columns, and
 * the texts `model_id`, `model_version`, `columns_hash`. Its own NaN is no JSON, so none may be in the answer.
 */
export function tfServingModel(http: Http, settings: { readonly name: string; readonly label?: string }): RemoteModel {
  const engine = 'tf-serving'
  const label = settings.label === undefined ? '' : `/labels/${encodeURIComponent(settings.label)}`
  const path = `/v1/models/${encodeURIComponent(settings.name)}${label}`
  return {
    engine,
    ask: async (rows, count, signal) => {
      const masked = withMask(rows)
      const { body } = await http.json({
        operation: 'predict',
        method: 'POST',
        path: `${path}:predict`,
        body: {
          signature_name: 'serving_default',
          inputs: { rows: listsOf(masked.rows, count), missing: listsOf(masked.missing, count) },
        },
        signal,
      })
      const outputs = fieldsOf(fieldsOf(body)['outputs'])
      const names = Object.fromEntries(
        ['model_id', 'model_version', 'columns_hash'].map((key) => [key, [outputs[key]].flat()[0]]),
      )
      return { ...readNames(engine, names), values: readValues(engine, outputs['predictions'], count, false) }
    },
    about: async (signal) => {
      const { body } = await http.json({ operation: 'status', method: 'GET', path, signal })
      const list = fieldsOf(body)['model_version_status']
      const serving = (Array.isArray(list) ? list : []).map(fieldsOf).find((status) => status['state'] === 'AVAILABLE')
      if (serving === undefined)
        throw unavailable('not_ready', `${engine}: no version of ${settings.name} is available`)
      const metadata = await http.json({ operation: 'metadata', method: 'GET', path: `${path}/metadata`, signal })
      const spec = fieldsOf(fieldsOf(metadata.body)['model_spec'])
      return `TensorFlow Serving, ${String(spec['name'])} version ${String(serving['version'])}`
    },
  }
}
