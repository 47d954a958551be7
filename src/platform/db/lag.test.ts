import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lagMs, lsnOf, sight, type Sightings } from './lag.ts'

test('places in the log are in their order', () => {
  assert.equal(lsnOf('16/B374D848'), 0x16b374d848n)
  assert.ok(lsnOf('1/0') > lsnOf('0/FFFFFFFF'))
})

test('a replica lags since the primary first had what it lacks', () => {
  const seen: Sightings = []
  assert.equal(lagMs(seen, 5n, 1000), null, 'nothing is known of the primary')
  for (const [lsn, at] of [
    [10n, 1000],
    [10n, 2000],
    [20n, 3000],
    [30n, 4000],
  ] as const)
    sight(seen, lsn, at)
  assert.equal(lagMs(seen, 30n, 9000), 0)
  assert.equal(lagMs(seen, 40n, 9000), 0, 'it is further than the primary was last seen')
  assert.equal(lagMs(seen, 29n, 9000), 5000)
  assert.equal(lagMs(seen, 10n, 9000), 6000)
  assert.equal(lagMs(seen, 9n, 9000), null, 'longer than anybody looked')
})

test('what is remembered of the primary is bounded', () => {
  const seen: Sightings = []
  for (let n = 1; n <= 5000; n++) sight(seen, BigInt(n), n)
  assert.equal(seen.length, 2000)
  assert.equal(lagMs(seen, 4999n, 5000), 0)
  assert.equal(lagMs(seen, 10n, 5000), null)
})
