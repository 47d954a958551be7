import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { driveMinutes, greatCircleKm, openHaversine } from './haversine.ts'

const point = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lng: fc.double({ min: -180, max: 180, noNaN: true }),
})

describe('haversine routing', () => {
  it('measures known distances', () => {
    // A quarter of a meridian, and a degree of it: 6371.0088 * pi / 2 and / 180.
    assert.ok(Math.abs(greatCircleKm({ lat: 0, lng: 0 }, { lat: 90, lng: 0 }) - 10007.5572) < 1e-3)
    assert.ok(Math.abs(greatCircleKm({ lat: 12, lng: 77 }, { lat: 13, lng: 77 }) - 111.19508) < 1e-4)
  })

  it('gives rows of origins and columns of destinations, by road', async () => {
    const routing = openHaversine()
    const delhi = { lat: 28.6327, lng: 77.2196 }
    const mumbai = { lat: 18.938, lng: 72.8353 }
    const { km, minutes } = await routing.matrix([delhi], [delhi, mumbai])
    assert.equal(km[0]![0], 0)
    assert.equal(minutes[0]![0], 0)
    assert.ok(Math.abs(km[0]![1]! - greatCircleKm(delhi, mumbai) * 1.35) < 1e-9)
    assert.ok(km[0]![1]! > 1400 && km[0]![1]! < 1700)
    assert.deepEqual(await routing.matrix([], [delhi]), { km: [], minutes: [] })
    assert.deepEqual(await routing.matrix([delhi], []), { km: [[]], minutes: [[]] })
  })

  it('takes 30 minutes for 10 km of town, then goes faster', () => {
    assert.equal(driveMinutes(10), 30)
    assert.ok(Math.abs(driveMinutes(60) - (30 + (50 / 35) * 60)) < 1e-9)
    assert.ok(Math.abs(driveMinutes(108) - (driveMinutes(60) + 60)) < 1e-9)
  })

  it('is symmetric, finite, and never shorter in time for a longer way', () => {
    fc.assert(
      fc.property(point, point, (a, b) => {
        const there = greatCircleKm(a, b)
        assert.ok(Number.isFinite(there) && there >= 0 && there <= 20_016)
        assert.ok(Math.abs(there - greatCircleKm(b, a)) < 1e-6)
      }),
    )
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5000, noNaN: true }),
        fc.double({ min: 0, max: 500, noNaN: true }),
        (km, more) => {
          assert.ok(driveMinutes(km + more) >= driveMinutes(km))
        },
      ),
    )
  })
})
