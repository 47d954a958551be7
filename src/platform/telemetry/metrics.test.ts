import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openMetrics } from './metrics.ts'

test('metrics: counted, observed and set, beside those of the process', async () => {
  const metrics = openMetrics()
  metrics.count('made_total', 'Made', { kind: 'a' })
  metrics.count('made_total', 'Made', { kind: 'a' }, 4)
  metrics.count('made_total', 'Made', { kind: 'b' })
  metrics.gauge('lag', 'Lag', 7)
  metrics.gauge('lag', 'Lag', 3)
  metrics.observe('took_seconds', 'Took', 0.3, { route: '/x' })
  const text = await metrics.text()
  for (const line of [
    'made_total{kind="a"} 5',
    'made_total{kind="b"} 1',
    'lag 3',
    'took_seconds_bucket{le="0.25",route="/x"} 0',
    'took_seconds_bucket{le="0.5",route="/x"} 1',
    'took_seconds_count{route="/x"} 1',
  ]) {
    assert.ok(text.split('\n').includes(line), line)
  }
  assert.match(text, /^process_resident_memory_bytes \d/m)
})

test('metrics: two registers in one process do not meet', async () => {
  const [one, two] = [openMetrics(), openMetrics()]
  one.count('made_total', 'Made')
  assert.doesNotMatch(await two.text(), /made_total/)
})
