import type { Http } from '#integrations/http.ts'
import { fieldsOf, readNames, readValues, unavailable, withMask, type Fields, type RemoteModel } from './remote.ts'

/**
 * Open Inference Protocol v2 (KServe, Triton, MLServer), tensors as JSON: `rows` FP32 and `missing` UINT8 in, `predictions`
 * FP32 out; the names of the model are parameters of the answer. No NaN on the wire, in either direction.
 */
export function openInferenceModel(
  http: Http,
  settings: { readonly name: string; readonly version?: string; readonly features: number },
): RemoteModel {
  const engine = 'open-inference'
  const version = settings.version === undefined ? '' : `/versions/${encodeURIComponent(settings.version)}`
  const path = `/v2/models/${encodeURIComponent(settings.name)}${version}`
  let requests = 0
  return {
    engine,
    ask: async (rows, count, signal) => {
      const masked = withMask(rows)
      const shape = [count, settings.features]
      const id = String(++requests)
      const { body } = await http.json({
        operation: 'infer',
        method: 'POST',
        path: `${path}/infer`,
        body: {
          id,
          inputs: [
            { name: 'rows', datatype: 'FP32', shape, data: masked.rows },
            { name: 'missing', datatype: 'UINT8', shape, data: masked.missing },
          ],
          outputs: [{ name: 'predictions' }],
        },
        signal,
      })
      const answer = fieldsOf(body)
      if (answer['model_name'] !== settings.name || (answer['id'] !== undefined && answer['id'] !== id))
        throw unavailable('wrong_model', `${engine}: the answer is of another model or request`)
      const output = outputOf(answer)
      if (output['datatype'] !== 'FP32' && output['datatype'] !== 'FP64')
        throw unavailable('wrong_shape', `${engine}: predictions are no FP32 numbers`)
      return {
        ...readNames(engine, fieldsOf(answer['parameters'])),
        values: readValues(engine, output['data'], count, false),
      }
    },
    about: async (signal) => {
      await http.text({ operation: 'ready', method: 'GET', path: `${path}/ready`, signal })
      const { body } = await http.json({ operation: 'metadata', method: 'GET', path, signal })
      const metadata = fieldsOf(body)
      if (metadata['name'] !== settings.name)
        throw unavailable('wrong_model', `${engine}: metadata of another model than ${settings.name}`)
      return `Open Inference Protocol, platform ${String(metadata['platform']) || 'not named'}`
    },
  }
}

function outputOf(answer: Fields): Fields {
  const outputs = answer['outputs']
  const list = Array.isArray(outputs) ? outputs.map(fieldsOf) : []
  const found = list.find((output) => output['name'] === 'predictions')
  if (found === undefined) throw unavailable('wrong_shape', 'open-inference: the answer has no output predictions')
  return found
}
