import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

// The fault tests in their long form: more kills, at more distant moments.
const seed = process.env['FAULT_SEED'] ?? String(Date.now() % 100_000)
const long = { FAULT_SEED: seed, FAULT_KILLS: '20', FAULT_WORK_MS: '6000', ...process.env }
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))
console.log(`FAULT_SEED=${seed}: ${long.FAULT_KILLS} kills, each after at most ${long.FAULT_WORK_MS} ms of work`)
const child = spawn(
  process.execPath,
  ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files.map((name) => join(import.meta.dirname, name))],
  { stdio: 'inherit', env: long },
)
child.on('exit', (code) => {
  console.log(`FAULT_SEED=${seed} npm run faults repeats these moments`)
  process.exitCode = code ?? 1
})
