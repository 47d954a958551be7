import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

/** What a process with this log writes, as a reader of its output sees it. */
function written(isTerminal: boolean, body: string): string {
  const program = `
    import { openLog } from ${JSON.stringify(join(import.meta.dirname, 'log.ts'))}
    const log = openLog({ level: 'info', isTerminal: ${isTerminal} })
    ${body}`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  assert.equal(status, 0, stderr)
  return stdout + stderr
}

for (const isTerminal of [false, true]) {
  test(`log ${isTerminal ? 'on a terminal' : 'as JSON'}`, async (t) => {
    await t.test('one line a call, at or above its level', () => {
      const text = written(
        isTerminal,
        `log.debug({ n: 1 }, 'hushed'); log.info({ n: 2 }, 'said'); log.error({ n: 3 }, 'cried')`,
      )
      const lines = text.trimEnd().split('\n')
      assert.equal(lines.length, 2)
      assert.match(lines[0]!, /said/)
      assert.match(lines[1]!, /cried/)
    })
    await t.test('secrets and persons are hidden, however deep they stand', () => {
      const text = written(
        isTerminal,
        `log.info({
          password: 'hid-1', headers: { authorization: 'hid-2', Cookie: 'hid-3', 'set-cookie': 'hid-3b', accept: 'seen-1' },
          a: { b: { c: { d: { token: 'hid-4', accessToken: 'hid-5' } } } }, list: [{ email: 'hid-6' }, { n: 'seen-2' }],
          customer: { name: 'hid-7' }, phone: 'hid-8', apiKey: 'hid-9', secret: 'hid-10', address: 'hid-11',
        }, 'message')`,
      )
      assert.doesNotMatch(text, /hid-/)
      assert.match(text, /seen-1/)
      assert.match(text, /seen-2/)
    })
    await t.test('no line break and no terminal code gets out, in a message, a field or its name', () => {
      const text = written(
        isTerminal,
        String.raw`const evil = 'a\r\n2026 FORGED\u001b[31m\u009b31m\u2028b'
        log.warn({ [evil]: evil, deep: { evil } }, evil)`,
      )
      assert.equal(text.trimEnd().split(/[\r\n\u2028]/).length, 1)
      assert.doesNotMatch(text.trimEnd(), /\p{Cc}|[\u2028\u2029]/u)
    })
    await t.test('an error tells what it is and where it came from, under any name', () => {
      const text = written(
        isTerminal,
        `const cause = new Error('the root of it')
        log.error({ err: new Error('first', { cause }) }, 'one'); log.error({ error: new TypeError('second') }, 'two')`,
      )
      for (const part of [/first/, /the root of it/, /second/, /TypeError/, /at .*eval1/]) assert.match(text, part)
    })
    await t.test('an error of the database does not quote the row', () => {
      const text = written(
        isTerminal,
        `log.error({ err: Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (email)=(asha@example.com)' }) }, 'x')`,
      )
      assert.match(text, /duplicate key/)
      assert.doesNotMatch(text, /asha/)
    })
    await t.test('what cannot be written does not end the program', () => {
      const text = written(
        isTerminal,
        `const loop = { n: 1n, none: undefined }; loop.self = loop
        log.info({ loop, when: new Date(NaN), f: () => 1, bytes: Buffer.from('abc'), sym: Symbol('s') }, 'went on')`,
      )
      assert.match(text, /went on/)
    })
  })
}
