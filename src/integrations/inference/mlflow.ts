import type { Http } from '#integrations/http.ts'
import { fieldsOf, listsOf, readNames, readValues, unavailable, type RemoteModel } from './remote.ts'

/**
 * A scoring server of MLflow. Rows go as `dataframe_split` with the names of the feature contract, a missing number as null,
 * which pandas reads as NaN. The model answers one object with its names and `rows`.
 */
export function mlflowModel(http: Http, features: readonly string[]): RemoteModel {
  const engine = 'mlflow'
  return {
    engine,
    ask: async (rows, count, signal) => {
      const { body } = await http.json({
        operation: 'invocations',
        method: 'POST',
        path: '/invocations',
        body: { dataframe_split: { columns: features, data: listsOf(rows, count) } },
        signal,
      })
      const told = fieldsOf(fieldsOf(body)['predictions'])
      return { ...readNames(engine, told), values: readValues(engine, told['rows'], count, true) }
    },
    about: async (signal) => {
      // Neither answer is JSON, though the server says so.
      await http.text({ operation: 'ping', method: 'GET', path: '/ping', signal })
      const { body } = await http.text({ operation: 'version', method: 'GET', path: '/version', signal })
      const version = body.trim()
      if (!/^\d+\.\d+[\w.+-]{0,20}$/.test(version))
        throw unavailable('wrong_shape', `${engine}: no version at /version`)
      return `MLflow ${version}`
    },
  }
}
