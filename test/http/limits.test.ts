import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import Fastify from 'fastify'
import { serverLimits } from '#gateway/limits.ts'
import { installProblems } from '#gateway/problems.ts'
import { uuidv7 } from '#kernel/ids.ts'
import { openTestApp } from '../support/app.ts'
import { silentLog } from '../support/fakes.ts'
import { givenClient, givenHub } from '../support/given.ts'

const megabyte = 1_048_576

/** A connection as an attacker holds it: nothing is sent or read but by hand. */
function raw(t: Pick<TestContext, 'after'>, port: number) {
  const socket: Socket = connect(port, '127.0.0.1')
  t.after(() => socket.destroy())
  socket.on('error', () => {})
  let text = ''
  const startedAt = performance.now()
  const closed = new Promise<number>((done) => socket.on('close', () => done((performance.now() - startedAt) / 1000)))
  return {
    socket,
    /** Seconds until the other side ended it. */
    closed,
    listen: () => socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1'))),
    text: () => text,
  }
}

async function listening(t: TestContext) {
  const page = (_: IncomingMessage, response: ServerResponse) => {
    response.end(Buffer.alloc(30 * megabyte))
    return Promise.resolve()
  }
  const app = await openTestApp(t, {}, page)
  await app.server.listen({ port: 0, host: '127.0.0.1' })
  return { app, port: (app.server.server.address() as AddressInfo).port }
}

async function adminToken(app: Awaited<ReturnType<typeof openTestApp>>) {
  await app.as('admin')
  const login = await app.call('POST', '/api/auth/login', {
    email: 'admin1@example.test',
    password: 'a pass phrase of the tests',
  })
  return login.body.accessToken as string
}

test('row 37: who sends or takes slowly is cut within 30 s, and others are served', { timeout: 120_000 }, async (t) => {
  const { app, port } = await listening(t)
  const token = await adminToken(app)
  const silent = raw(t, port)
  silent.listen()
  const headers = raw(t, port)
  headers.listen()
  headers.socket.write('GET /api/version HTTP/1.1\r\nHost: x\r\n')
  const dripHeaders = setInterval(() => headers.socket.write('X-A: b\r\n'), 500)
  const body = raw(t, port)
  body.listen()
  body.socket.write(
    `POST /api/returns HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`,
  )
  const dripBody = setInterval(() => body.socket.write(' '), 500)
  // Takes a little now and then, so that the connection is never silent.
  const reader = raw(t, port)
  reader.socket.write('GET /a-page HTTP/1.1\r\nHost: x\r\n\r\n')
  reader.socket.pause()
  const id = uuidv7(Date.now())
  await app.ctx.blobs.write(`report/${id}`, Buffer.alloc(30 * megabyte))
  await app.ctx.db.query(
    `insert into files (id, kind, media_type, bytes, sha256, blob_key, name, created_by, created_at)
     values ($1, 'report', 'text/csv', $2, '', $3, 'x.csv', 'test', now())`,
    [id, 30 * megabyte, `report/${id}`],
  )
  const apiReader = raw(t, port)
  apiReader.socket.write(`GET /api/files/${id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
  apiReader.socket.pause()
  const dripRead = setInterval(() => {
    reader.socket.read(1)
    apiReader.socket.read(1)
  }, 500)
  t.after(() => {
    for (const timer of [dripHeaders, dripBody, dripRead]) clearInterval(timer)
  })
  const seconds = async (one: { closed: Promise<number> }, what: string, most: number) => {
    const took = await one.closed
    assert.ok(took < most, `${what} was cut after ${took} s`)
  }
  // A paused socket does not see its end; the server's count of connections does.
  const gone = async () => {
    const startedAt = performance.now()
    for (;;) {
      const open = await new Promise<number>((done) => app.server.server.getConnections((_, count) => done(count)))
      if (open === 0) return
      assert.ok(performance.now() - startedAt < 40_000, `${open} connections are still held`)
      const others = await app.call('GET', '/api/version')
      assert.equal(others.status, 200)
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }
  const startedAt = performance.now()
  await Promise.all([
    seconds(headers, 'slow headers', 15),
    seconds(body, 'a slow body', 30),
    seconds(silent, 'silence', 30),
    gone(),
  ])
  assert.ok((performance.now() - startedAt) / 1000 < 31, 'every slow one is gone within 30 s')
  assert.match(headers.text(), /^HTTP\/1\.1 408 /)
  assert.match(body.text(), /^HTTP\/1\.1 (408|503) /)
})

test('row 38: bodies that never end or unpack to much are refused early', { timeout: 60_000 }, async (t) => {
  const { app, port } = await listening(t)
  const token = await adminToken(app)
  const auth = { authorization: `Bearer ${token}` }
  const head = `POST /api/returns HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`
  const before = process.memoryUsage().rss

  await t.test('100 MB that are announced', async () => {
    const one = raw(t, port)
    one.listen()
    one.socket.write(`${head}Content-Length: ${100 * megabyte}\r\n\r\n{"a":"`)
    while (!one.text().includes('\r\n\r\n')) await new Promise((resolve) => setTimeout(resolve, 20))
    assert.match(one.text(), /^HTTP\/1\.1 413 /)
    assert.match(one.text(), /"code":"too_large"/)
  })
  await t.test('chunks without an end', async () => {
    const one = raw(t, port)
    one.listen()
    one.socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`)
    let sent = 0
    while (!one.text().includes('\r\n\r\n') && sent < 200 * megabyte) {
      if (!one.socket.write(chunk)) await new Promise((resolve) => setTimeout(resolve, 5))
      sent += 65_536
    }
    assert.match(one.text(), /^HTTP\/1\.1 413 /)
    assert.ok(sent < 100 * megabyte, `${sent} bytes were taken`)
  })
  await t.test('a packed body is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * megabyte, ' '))
    const call = (url: string, headers: Record<string, string>) =>
      app.server.inject({ method: 'POST', url, headers: { ...auth, ...headers }, payload: bomb })
    const json = await call('/api/returns', { 'content-type': 'application/json', 'content-encoding': 'gzip' })
    assert.deepEqual([json.statusCode, json.json().code], [415, 'encoding_unsupported'])
    const clientId = await givenClient(app.ctx)
    const bulk = await call(`/api/returns/bulk?clientId=${clientId}`, { 'content-type': 'application/gzip' })
    assert.ok([400, 413].includes(bulk.statusCode), `${bulk.statusCode} ${bulk.body.slice(0, 300)}`)
  })
  const grown = (process.memoryUsage().rss - before) / megabyte
  // The bomb itself was made in this process.
  assert.ok(grown < 150, `memory grew by ${grown} MB`)
})

test('row 39: malformed input is the sender’s fault, and nothing of us is told', async (t) => {
  const { app, port } = await listening(t)
  const token = await adminToken(app)
  const clientId = await givenClient(app.ctx)
  await givenHub(app.ctx)
  const auth = { authorization: `Bearer ${token}` }
  const deep = (n: number) => `${'['.repeat(n)}${']'.repeat(n)}`
  const wrap = (value: string) => `{"clientId":"${clientId}","clientRef":${value}}`
  const bodies: (string | Buffer)[] = [
    '{',
    '{"a":1,}',
    "{'a':1}",
    'NaN',
    '\ufeff',
    Buffer.from('{"clientRef":"\xff\xfe"}', 'latin1'),
    Buffer.from('{"clientRef":"\xc0\xaf"}', 'latin1'),
    Buffer.from('{"clientRef":"\xed\xa0\x80"}', 'latin1'),
    deep(100_000),
    `{"items":${deep(100_000)}}`,
    `{"items":[${deep(100_000)}]}`,
    `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    wrap('1e400'),
    wrap('-1e400'),
    `{"clientId":"${clientId}","clientRef":"x","price":{"amount":1e400,"currency":"INR"}}`,
    wrap('"a\\u0000b"'),
    wrap('"\\ud800"'),
    wrap('"\\udc00\\ud800"'),
    wrap('"\u202e"'),
    wrap('{"$ne":null}'),
    wrap(`"${'x'.repeat(900_000)}"`),
    '{"__proto__":{"isAdmin":true}}',
    '{"constructor":{"prototype":{"isAdmin":true}}}',
  ]
  const leaks = /node_modules|\.ts:\d|at \w+ \(|postgres|select |SQLSTATE|\/work|\/home|stack/i
  for (const url of [
    '/api/returns',
    '/api/ai/recommend',
    '/api/quality/check',
    '/api/scan',
    '/api/auth/login',
    '/api/webhooks',
  ]) {
    for (const payload of bodies) {
      for (const key of [{}, { 'idempotency-key': 'k-1' }]) {
        const answer = await app.server.inject({
          method: 'POST',
          url,
          headers: { 'content-type': 'application/json', ...(url.includes('login') ? {} : auth), ...key },
          payload,
        })
        const name = `${url} ${String(payload).slice(0, 50)}`
        assert.ok(
          (answer.statusCode >= 400 && answer.statusCode < 500) || answer.statusCode === 200,
          `${name}: ${answer.statusCode} ${answer.body}`,
        )
        assert.doesNotMatch(answer.body, leaks, name)
        // A batch is answered 200 with one refusal for each item.
        if (answer.statusCode === 200) assert.match(answer.body, /"ok":false|"results"/, name)
      }
    }
  }
  await t.test('what is no HTTP at all', async () => {
    for (const [bytes, status] of [
      ['\x16\x03\x01\x02\x00\x01\x00', 400],
      ['GET / HTTP/9.9\r\n\r\n', 400],
      ['GET /%00 HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['GET /a b HTTP/1.1\r\nHost: x\r\n\r\n', 400],
      ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n', 400],
    ] as const) {
      const one = raw(t, port)
      one.listen()
      one.socket.write(bytes)
      await one.closed
      assert.match(one.text(), new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 30))
      assert.match(one.text(), /application\/problem\+json/)
    }
  })
  await t.test('paths and queries', async () => {
    for (const url of [
      '/api/returns/%',
      '/api/returns/%ff',
      '/api/returns/%00',
      '/api/..%2f..%2fetc/passwd',
      '/api//returns',
      `/api/returns/${'a'.repeat(5000)}`,
      '/api/returns?filter[stage]=%ff&sort=%',
      `/api/returns?${'a=1&'.repeat(3000)}`,
    ]) {
      const answer = await app.server.inject({ method: 'GET', url, headers: auth })
      assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, `${url.slice(0, 60)}: ${answer.statusCode}`)
      assert.doesNotMatch(answer.body, leaks)
    }
  })
})

test('a request that takes too long is answered 503', async (t) => {
  const app = await openTestApp(t)
  const { server } = app.server
  for (const ms of [server.headersTimeout, server.requestTimeout, server.timeout]) assert.ok(ms > 0 && ms <= 30_000)
  assert.ok(server.maxConnections > 0)
  assert.ok(serverLimits.handlerTimeout <= 30_000)
  const small = Fastify({ ...serverLimits, handlerTimeout: 50 })
  installProblems(small, silentLog)
  small.get('/slow', () => new Promise(() => {}))
  t.after(() => small.close())
  const answer = await small.inject('/slow')
  assert.deepEqual([answer.statusCode, answer.json().code], [503, 'too_slow'])
  assert.ok(Number(answer.headers['retry-after']) >= 1)
})

test('the limits of a caller: told in every answer, 429 with Retry-After when over, one caller’s own', async (t) => {
  const app = await openTestApp(t)
  const [one, two] = [await app.as('admin'), await app.as('admin')]
  const first = await one('GET', '/api/webhooks')
  assert.match(String(first.headers['ratelimit-policy']), /^"read";q=\d+;w=60$/)
  assert.match(String(first.headers['ratelimit']), /^"read";r=\d+;t=\d+$/)
  const body = { kind: 'returns', format: 'csv' }
  let refused = null
  for (let n = 0; n < 80 && refused === null; n++) {
    const answer = await one('POST', '/api/analytics/reports', body)
    if (answer.status === 429) refused = answer
  }
  assert.ok(refused !== null, 'the 81st report in a minute is refused')
  assert.equal(refused.body.code, 'rate_limited')
  assert.ok(Number(refused.headers['retry-after']) >= 1)
  assert.notEqual((await two('POST', '/api/analytics/reports', body)).status, 429)
  app.ctx.clock.ms += 60_000
  assert.notEqual((await one('POST', '/api/analytics/reports', body)).status, 429)
})

test('row 44: who guesses credentials is refused by address, and a forged X-Forwarded-For is nobody’s', async (t) => {
  const guess = (app: Awaited<ReturnType<typeof openTestApp>>, from: string, forwarded: string) =>
    app.server.inject({
      method: 'GET',
      url: '/api/returns',
      remoteAddress: from,
      headers: { authorization: 'Bearer sr_live_guess', 'x-forwarded-for': forwarded },
    })
  const bare = await openTestApp(t)
  const statuses: number[] = []
  for (let n = 0; n < 130; n++) statuses.push((await guess(bare, '192.0.2.7', `203.0.113.${n}`)).statusCode)
  assert.equal(statuses[0], 401)
  assert.equal(statuses.at(-1), 429, 'another forged address each time changes nothing')
  assert.equal((await guess(bare, '192.0.2.8', '192.0.2.7')).statusCode, 401)

  const behind = await openTestApp(t, { SMARTRETURNS_TRUSTED_PROXIES: '10.0.0.0/8' })
  for (let n = 0; n < 130; n++) await guess(behind, '10.1.2.3', '203.0.113.50')
  assert.equal((await guess(behind, '10.1.2.3', '203.0.113.50')).statusCode, 429)
  assert.equal((await guess(behind, '10.1.2.3', '203.0.113.51')).statusCode, 401)
  // What the client wrote itself stands to the left of what the proxy saw.
  assert.equal((await guess(behind, '10.1.2.3', '198.51.100.1, 203.0.113.50')).statusCode, 429)
  // Not a proxy of ours: its word is nothing.
  for (let n = 0; n < 130; n++) await guess(behind, '192.0.2.9', `203.0.113.${n}`)
  assert.equal((await guess(behind, '192.0.2.9', '203.0.113.99')).statusCode, 429)
})
