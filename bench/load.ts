import http from 'node:http'

export type LoadResult = {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly failed: number
  readonly done: number
}

export type Asked = {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** One HTTP client of this process; answers status and body. */
export function openClient(port: number, connections: number, authorization: string) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections })
  return (asked: Asked): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization, 'content-type': 'application/json', ...asked.headers }
      const request = http.request(
        { host: '127.0.0.1', port, agent, method: asked.method, path: asked.path, headers },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => (text += chunk))
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        },
      )
      request.on('error', reject)
      request.end(asked.body === undefined ? undefined : JSON.stringify(asked.body))
    })
}

/** Keeps `connections` requests in flight for some seconds after a warm-up of one. Bounded by time. */
export async function load(
  port: number,
  authorization: string,
  connections: number,
  seconds: number,
  next: (i: number) => Asked,
): Promise<LoadResult> {
  const client = openClient(port, connections, authorization)
  const times: number[] = []
  let failed = 0
  let i = 0
  const start = performance.now()
  const warm = start + 1000
  const end = warm + seconds * 1000
  const worker = async () => {
    while (performance.now() < end) {
      const sent = performance.now()
      const { status } = await client(next(i++))
      const got = performance.now()
      if (status >= 300) failed += 1
      else if (sent >= warm && got <= end) times.push(got - sent)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN
  return { perSecond: times.length / seconds, p50Ms: at(0.5), p99Ms: at(0.99), failed, done: times.length }
}
