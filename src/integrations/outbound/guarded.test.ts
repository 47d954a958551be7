import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { AppError } from '#kernel/errors.ts'
import { isPublicAddress } from './addresses.ts'
import { openGuardedOutbound, type GuardedSettings } from './guarded.ts'

async function server(t: TestContext, listener: RequestListener) {
  const hits: string[] = []
  const made = createServer((request, response) => {
    hits.push(`${request.method} ${request.headers.host} ${request.url}`)
    listener(request, response)
  })
  await new Promise<void>((done) => made.listen(0, '127.0.0.1', done))
  t.after(() => {
    made.closeAllConnections()
    made.close()
  })
  return { hits, port: (made.address() as AddressInfo).port }
}

function open(settings: Partial<GuardedSettings> = {}) {
  const counted: string[] = []
  const outbound = openGuardedOutbound({
    allowsLoopback: false,
    metrics: {
      count: (_name, _help, labels) => void counted.push(labels?.['problem'] ?? ''),
      observe: () => {},
    },
    ...settings,
  })
  return { outbound, counted }
}

const problemOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof AppError ? error.problem : String(error)),
  )
const get = (url: string) => ({ method: 'GET', url, readsBody: true }) as const

test('row 49: no notation of a private address is called, and each refusal is counted', async () => {
  const { outbound, counted } = open({ resolve: () => Promise.reject(new Error('no name may be looked up here')) })
  const hosts = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '0177.0.0.1',
    '0',
    '0.0.0.0',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    '169.254.169.254',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '10.0.0.8',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    '[64:ff9b::a9fe:a9fe]',
    '[2002:7f00:1::]',
    '[2001:0:7f00:1::]',
    '[fec0::1]',
    '[ff02::1]',
    'localhost',
    'LOCALHOST.',
    'a.localhost',
    'metadata.google.internal',
    'printer.local',
    '①②⑦.⓪.⓪.①',
  ]
  for (const host of hosts)
    assert.equal(await problemOf(outbound.check(`https://${host}/x`)), 'url_address_refused', host)
  assert.equal(counted.length, hosts.length)
  for (const [url, problem] of [
    ['http://example.com/', 'url_not_https'],
    ['https://user:pass@example.com/', 'url_with_credentials'],
    ['ftp://example.com/', 'url_invalid'],
    ['file:///etc/passwd', 'url_invalid'],
    ['gopher://127.0.0.1:6379/_x', 'url_invalid'],
    ['https://', 'url_invalid'],
    ['//example.com', 'url_invalid'],
    [`https://example.com/${'x'.repeat(3000)}`, 'url_invalid'],
  ] as const)
    assert.equal(await problemOf(outbound.check(url)), problem, url.slice(0, 60))
})

test('public addresses are public', () => {
  for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450:4001::1'])
    assert.ok(isPublicAddress(address), address)
})

test('row 49: a name whose addresses are not all public is refused before anything connects', async (t) => {
  const { hits, port } = await server(t, (_, response) => response.end('inner'))
  for (const addresses of [['127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['::ffff:10.0.0.1'], []]) {
    const { outbound } = open({ resolve: () => Promise.resolve(addresses) })
    assert.equal(
      await problemOf(outbound.call(get(`https://shop.example.com:${port}/`))),
      'url_address_refused',
      addresses.join(),
    )
  }
  const { outbound } = open({ resolve: () => Promise.reject(new Error('NXDOMAIN')) })
  assert.equal(await problemOf(outbound.call(get('https://shop.example.com/'))), 'url_host_unknown')
  assert.deepEqual(hits, [])
})

test('row 49: a name that turns to a private address between look and call leads nowhere (DNS rebinding)', async (t) => {
  const { hits, port } = await server(t, (_, response) => response.end('inner'))
  let asked = 0
  // TEST-NET would be refused, so the first answer is a public address that this machine cannot reach in time.
  const resolve = () => Promise.resolve([(asked += 1) === 1 ? '93.184.215.14' : '127.0.0.1'])
  const { outbound } = open({ resolve, timeoutMs: 400 })
  assert.match(await problemOf(outbound.call(get(`https://shop.example.com:${port}/`))), /timeout|unreachable|reset/)
  assert.equal(asked, 1, 'the name is looked up once, and the connection goes where the look went')
  assert.equal(await problemOf(outbound.call(get(`https://shop.example.com:${port}/`))), 'url_address_refused')
  assert.deepEqual(hits, [])
})

test('row 49: a redirect is an answer, not a way', async (t) => {
  const inner = await server(t, (_, response) => response.end('secret'))
  const outer = await server(t, (_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end(),
  )
  const { outbound } = open({ allowsLoopback: true })
  const answer = await outbound.call(get(`http://127.0.0.1:${outer.port}/`))
  assert.equal(answer.status, 302)
  assert.deepEqual(inner.hits, [])
})

test('with the setting for tests this machine can be called, under the name that was given, and nothing else', async (t) => {
  const { hits, port } = await server(t, (_, response) => response.setHeader('x-y', 'z').end('hello'))
  const { outbound } = open({ allowsLoopback: true, resolve: () => Promise.resolve(['127.0.0.1']) })
  const answer = await outbound.call({ ...get(`http://shop.example.com:${port}/a?b#c`), headers: { 'x-a': 'b' } })
  assert.equal(Buffer.from(answer.body!).toString(), 'hello')
  assert.equal(answer.headers['x-y'], 'z')
  assert.deepEqual(hits, [`GET shop.example.com:${port} /a?b`])
  assert.equal(await problemOf(outbound.check('http://10.0.0.1/')), 'url_address_refused')
  assert.equal(await problemOf(open({ allowsLoopback: true }).outbound.check('http://93.184.215.14/')), 'url_not_https')
})

test('an answer has 1 MiB and 5 seconds at most', async (t) => {
  const { port } = await server(t, (request, response) => {
    if (request.url === '/slow') response.writeHead(200).write('x')
    else if (request.url === '/cut') response.destroy()
    else response.end(Buffer.alloc(2000))
  })
  const { outbound } = open({ allowsLoopback: true, timeoutMs: 200, bytesMax: 1000 })
  const at = (path: string) => problemOf(outbound.call(get(`http://127.0.0.1:${port}${path}`)))
  assert.equal(await at('/large'), 'too_large')
  assert.equal(await at('/slow'), 'timeout')
  assert.equal(await at('/cut'), 'reset')
  assert.equal(await problemOf(outbound.call(get('http://127.0.0.1:1/'))), 'unreachable')
  const slow = { ...get(`http://127.0.0.1:${port}/large`), readsBody: false }
  assert.equal((await outbound.call(slow)).status, 200)
  const stuck = open({ resolve: () => new Promise<string[]>(() => {}), timeoutMs: 100 }).outbound
  assert.equal(await problemOf(stuck.check('https://shop.example.com/')), 'url_host_unknown')
})
