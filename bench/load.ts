import autocannon from 'autocannon'

export type LoadResult = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
}

export type Asked = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const requestTimeoutSeconds = 20

/** Keeps `connections` requests in flight for some seconds after a warm-up of one. Bounded by time. */
export async function load(
  port: number,
  authorization: string,
  connections: number,
  seconds: number,
  next: () => Asked,
): Promise<LoadResult> {
  const run = (duration: number) =>
    autocannon({
      url: `http://127.0.0.1:${port}`,
      connections,
      duration,
      timeout: requestTimeoutSeconds,
      requests: [
        {
          setupRequest: (request) => {
            const { method, path, body, headers } = next()
            return {
              ...request,
              method,
              path,
              headers: { authorization, 'content-type': 'application/json', ...headers },
              ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            }
          },
        },
      ],
    })
  await run(1)
  const result = await run(seconds)
  return {
    perSecond: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    failed: result.non2xx + result.errors,
  }
}

/** One request, its answer as text. */
export async function ask(port: number, authorization: string, asked: Asked): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${asked.path}`, {
    method: asked.method,
    headers: {
      'content-type': 'application/json',
      ...(authorization === '' ? {} : { authorization }),
      ...asked.headers,
    },
    ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
  })
  return response.text()
}
