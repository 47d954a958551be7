// sqlmap against the filters of the lists of a running program: `node scripts/sqlmap.mjs [URL]`. Made for Debian's sqlmap.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './processes.mjs'

const url = process.argv[2] ?? 'http://127.0.0.1:3000'
const login = { email: 'admin@demo.smartreturns.local', password: 'demo admin holds the keys' }
const id = '01920000-0000-7000-8000-000000000001'
const lists = [
  {
    path: '/api/returns',
    parameters: {
      'filter[stage]': 'received',
      'filter[title]': 'contains:a',
      'filter[createdAt]': 'gte:2026-01-01',
      'filter[id]': id,
      sort: '-createdAt',
      limit: '5',
    },
  },
  { path: '/api/products', parameters: { 'filter[sku]': 'A', 'filter[title]': 'contains:a', sort: 'sku', limit: '5' } },
  { path: '/api/audit', parameters: { 'filter[stream]': 'contains:a', 'filter[seq]': 'gte:1', limit: '5' } },
  { path: '/api/workflow/pending', parameters: { 'filter[hubId]': id, 'filter[stage]': 'received', limit: '5' } },
]

const answer = await fetch(`${url}/api/auth/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(login),
})
const { accessToken } = await answer.json()
if (accessToken === undefined) throw new Error(`signing in answered ${answer.status}: is this the demo?`)
const folder = mkdtempSync(join(tmpdir(), 'smartreturns-sqlmap-'))
let found = 0
try {
  for (const { path, parameters } of lists) {
    const target = `${url}${path}?${new URLSearchParams(parameters)}`
    const names = Object.keys(parameters).join(',')
    const args = [
      '-u',
      target,
      '-p',
      names,
      '--headers',
      `Authorization: Bearer ${accessToken}`,
      '--dbms',
      'PostgreSQL',
      '--technique',
      'BESTU',
    ]
    const bounds = [
      '--batch',
      '--level',
      '1',
      '--risk',
      '1',
      '--time-sec',
      '3',
      '--threads',
      '2',
      '--timeout',
      '10',
      '--output-dir',
      folder,
      '--disable-coloring',
      '--ignore-code',
      '400',
    ]
    const { output } = await run('sqlmap', [...args, ...bounds], { quiet: true })
    const isFound = /is vulnerable|injection point\(s\)|appears to be .*injectable/i.test(output)
    const isDone = /do not appear to be injectable/i.test(output)
    console.log(`${path}: ${isFound ? 'FOUND' : isDone ? 'nothing' : 'not finished'} (${names})`)
    if (isFound || !isDone) {
      found += 1
      console.log(output.slice(-4000))
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
process.exitCode = found === 0 ? 0 : 1
