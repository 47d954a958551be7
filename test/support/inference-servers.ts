import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'
import { predictionWidth } from '#contracts/prediction.ts'
import { columnsHash } from '#integrations/inference/remote.ts'
import { goodRow } from './predictions.ts'
import { readSpec, type Spec } from './spec.ts'

export const protocols = ['mlflow', 'tf-serving', 'open-inference'] as const
export type Protocol = (typeof protocols)[number]

export type Names = { model_id: string; model_version: string; columns_hash: string }

/** What a server does instead of answering well. */
export type Fault =
  | { readonly kind: 'values'; readonly change: (values: (number | null)[][]) => void }
  | { readonly kind: 'names'; readonly names: Partial<Record<keyof Names, string | undefined>> }
  | { readonly kind: 'raw'; readonly status?: number; readonly type: string; readonly body: string }
  | { readonly kind: 'flood'; readonly bytes: number }
  | { readonly kind: 'silence' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'wrong_id' }
  | { readonly kind: 'redirect' }

export type ModelServer = {
  readonly url: string
  /** Chosen anew for each request for predictions; null answers well. */
  faultOf: (request: number) => Fault | null
  readonly asked: () => number
  /** Rows of the last request, with NaN where one was said to be missing. */
  readonly lastRows: () => readonly (readonly number[])[]
  /** What was sent or answered against the specification. */
  readonly violations: readonly string[]
}

const specFiles: Readonly<Record<Protocol, string>> = {
  mlflow: 'mlflow/mlflow-scoring.contract.json',
  'tf-serving': 'tensorflow-serving/tfserving-rest.contract.json',
  'open-inference': 'open-inference-protocol/open_inference_rest.servable.yaml',
}

export const goodNames: Names = { model_id: 'returns', model_version: '7', columns_hash: columnsHash }

type Dialect = {
  readonly predictPath: string
  readonly specPath: string
  readonly rows: (body: any) => number[][]
  readonly answer: (body: any, names: Partial<Names>, values: (number | null)[][], isOther: boolean) => unknown
  readonly other: Readonly<Record<string, { readonly spec: string; readonly body: unknown }>>
}

const masked = (rows: number[][], missing: number[][]) =>
  rows.map((row, i) => row.map((value, j) => (missing[i]![j] === 1 ? Number.NaN : value)))
const inRows = (flat: number[], width: number) =>
  Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width))

const dialects: Readonly<Record<Protocol, Dialect>> = {
  mlflow: {
    predictPath: '/invocations',
    specPath: '/invocations',
    rows: (body) => body.dataframe_split.data.map((row: (number | null)[]) => row.map((value) => value ?? Number.NaN)),
    answer: (_body, names, values) => ({ predictions: { ...names, rows: values } }),
    other: { '/ping': { spec: '/ping', body: '\n' }, '/version': { spec: '/version', body: '3.17.2' } },
  },
  'tf-serving': {
    predictPath: '/v1/models/returns:predict',
    specPath: '/v1/models/{model}:predict',
    rows: (body) => masked(body.inputs.rows, body.inputs.missing),
    answer: (_body, names, values) => ({
      outputs: {
        predictions: values,
        ...Object.fromEntries(Object.entries(names).map(([key, value]) => [key, values.map(() => value)])),
      },
    }),
    other: {
      '/v1/models/returns': {
        spec: '/v1/models/{model}',
        body: {
          model_version_status: [
            { version: '6', state: 'UNLOADING', status: { error_code: 'OK', error_message: '' } },
            { version: '7', state: 'AVAILABLE', status: { error_code: 'OK', error_message: '' } },
          ],
        },
      },
      '/v1/models/returns/metadata': {
        spec: '/v1/models/{model}/metadata',
        body: { model_spec: { name: 'returns', signature_name: '', version: '7' }, metadata: {} },
      },
    },
  },
  'open-inference': {
    predictPath: '/v2/models/returns/infer',
    specPath: '/v2/models/{MODEL_NAME}/infer',
    rows: (body) => {
      const [rows, missing] = body.inputs
      return masked(inRows(rows.data, rows.shape[1]), inRows(missing.data, missing.shape[1]))
    },
    answer: (body, names, values, isOther) => ({
      model_name: 'returns',
      model_version: names.model_version ?? '',
      id: isOther ? `${body.id}0` : body.id,
      parameters: names,
      outputs: [
        { name: 'predictions', datatype: 'FP32', shape: [values.length, predictionWidth], data: values.flat() },
      ],
    }),
    other: {
      '/v2/models/returns/ready': { spec: '/v2/models/{MODEL_NAME}/ready', body: '' },
      '/v2/models/returns': {
        spec: '/v2/models/{MODEL_NAME}',
        body: {
          name: 'returns',
          versions: ['7'],
          platform: 'smartreturns',
          inputs: [{ name: 'rows', datatype: 'FP32', shape: [-1, 74] }],
          outputs: [{ name: 'predictions', datatype: 'FP32', shape: [-1, predictionWidth] }],
        },
      },
    },
  },
}

/** A server that speaks one protocol on loopback, judged by the protocol's specification on every request and answer. */
export async function openModelServer(t: Pick<TestContext, 'after'>, protocol: Protocol): Promise<ModelServer> {
  const dialect = dialects[protocol]
  const spec = readSpec(specFiles[protocol])
  const violations: string[] = []
  let asked = 0
  let lastRows: readonly (readonly number[])[] = []
  const server = createServer((request, response) => {
    void respond(request, response)
  })
  const control: ModelServer = {
    url: '',
    faultOf: () => null,
    asked: () => asked,
    lastRows: () => lastRows,
    violations,
  }

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    const known = dialect.other[path]
    if (known !== undefined) {
      if (typeof known.body !== 'string') violations.push(...spec.faults(known.spec, 'get', 200, known.body))
      return sendText(
        response,
        200,
        'application/json',
        typeof known.body === 'string' ? known.body : JSON.stringify(known.body),
      )
    }
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    if (path !== dialect.predictPath) return sendText(response, 404, 'application/json', '{"error":"no such model"}')
    const body = JSON.parse(Buffer.concat(parts).toString())
    violations.push(...spec.faults(dialect.specPath, 'post', 'request', body))
    asked += 1
    lastRows = dialect.rows(body)
    answer(body, control.faultOf(asked), spec, response)
  }

  function answer(body: unknown, fault: Fault | null, spec: Spec, response: ServerResponse): void {
    if (fault?.kind === 'silence') return
    if (fault?.kind === 'reset') return void response.socket?.resetAndDestroy()
    if (fault?.kind === 'raw') return sendText(response, fault.status ?? 200, fault.type, fault.body)
    if (fault?.kind === 'flood') return flood(response, fault.bytes)
    if (fault?.kind === 'redirect') return void response.writeHead(307, { location: dialect.predictPath }).end()
    const values: (number | null)[][] = lastRows.map(() => [...goodRow()])
    if (fault?.kind === 'values') fault.change(values)
    const names = { ...goodNames, ...(fault?.kind === 'names' ? fault.names : {}) } as Partial<Names>
    const told = dialect.answer(body, names, values, fault?.kind === 'wrong_id')
    if (fault === null) violations.push(...spec.faults(dialect.specPath, 'post', 200, told))
    sendText(response, 200, 'application/json', JSON.stringify(told))
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(resolve))
  })
  return Object.assign(control, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function sendText(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type }).end(body)
}

/** Goes on writing without saying how much, as long as somebody reads. */
function flood(response: ServerResponse, bytes: number): void {
  response.writeHead(200, { 'content-type': 'application/json' })
  const part = Buffer.alloc(64 * 1024, ' ')
  let left = bytes
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= part.length
      if (response.write(part)) continue
      response.once('drain', more)
      return
    }
    response.end()
  }
  more()
}
