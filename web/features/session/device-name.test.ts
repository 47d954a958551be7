import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deviceOf } from './device-name.ts'

test('a device is called by browser and system', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0'
  const agents: readonly (readonly [string | null, string | null, boolean])[] = [
    [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/142.0.0.0`, 'Edge · Windows', false],
    [`Mozilla/5.0 (X11; Linux x86_64) ${chrome} Safari/537.36`, 'Chrome · Linux', false],
    [`Mozilla/5.0 (Linux; Android 14; SM-A155F) ${chrome} Mobile Safari/537.36`, 'Chrome · Android', true],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1', 'Safari · iOS', true],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox · macOS', false],
    ['scanner-app/2.1', 'scanner-app/2.1', false],
    ['', null, false],
    [null, null, false],
  ]
  for (const [agent, name, isHandheld] of agents) assert.deepEqual(deviceOf(agent), { name, isHandheld })
})
