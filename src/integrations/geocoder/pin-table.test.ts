import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openPinTable } from './pin-table.ts'

const shipped = join(import.meta.dirname, '../../../data/pincodes/pincodes.csv')
const header = 'pincode,lat,lng,state,district,geonames_places,source,source_disagreement_km,confidence'

async function withTable<T>(lines: readonly string[], use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pins-'))
  try {
    const path = join(folder, 'pins.csv')
    await writeFile(path, [...lines, ''].join('\n'))
    return await use(path)
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe('pin table', () => {
  it('answers in order, null for codes that do not exist or are none', async () => {
    const table = await openPinTable(shipped)
    const places = await table.locate(['560001', '999999', '110001', '012345', 'abc', '', '560001'])
    assert.deepEqual(
      places.map((place) => place?.pincode ?? null),
      ['560001', null, '110001', null, null, null, '560001'],
    )
    const [bengaluru, , delhi] = places
    assert.ok(Math.abs(bengaluru!.lat - 12.97) < 0.05 && Math.abs(bengaluru!.lng - 77.6) < 0.05)
    assert.ok(Math.abs(delhi!.lat - 28.633) < 0.02 && Math.abs(delhi!.lng - 77.22) < 0.02)
    assert.equal(delhi!.state, 'Delhi')
    assert.equal(delhi!.confidence, 'high')
    assert.deepEqual(await table.locate([]), [])
  })

  it('knows every row that ships', async () => {
    const table = await openPinTable(shipped)
    const codes = Array.from({ length: 900_000 }, (_, i) => String(100_000 + i))
    const known = (await table.locate(codes)).filter((place) => place !== null)
    assert.equal(known.length, 19_351)
    assert.ok(known.every(({ lat, lng }) => lat > 6 && lat < 37.5 && lng > 68 && lng < 98))
  })

  it('puts untrusted points at the median of the trusted ones of their sorting district and state', () =>
    withTable(
      [
        header,
        '411001,18.5,73.8,Maharashtra,Pune,1,geocoded,1,high',
        '411002,18.6,73.9,Maharashtra,Pune,1,geocoded,30,medium',
        '411003,20.0,75.0,Maharashtra,Pune,1,geocoded,30,medium',
        '411004,25.0,80.0,,,1,geonames,90,low',
        '411005,10.0,73.0,Lakshadweep,Lakshadweep,1,geonames_outlier,1,low',
        '411006,30.0,85.0,Maharashtra,Pune,1,geonames,90,low',
        '194101,34.0,77.0,Ladakh,Leh,1,geonames,,low',
      ],
      async (path) => {
        const table = await openPinTable(path)
        const [untrusted, trusted, alone, island, other] = await table.locate([
          '411004',
          '411001',
          '194101',
          '411005',
          '411006',
        ])
        assert.deepEqual(untrusted, {
          pincode: '411004',
          lat: 18.6,
          lng: 73.9,
          state: null,
          district: null,
          confidence: 'low',
        })
        assert.equal(trusted!.lat, 18.5)
        assert.deepEqual([island!.lat, island!.lng, island!.confidence], [10, 73, 'low'])
        assert.deepEqual([other!.lat, other!.lng], [18.6, 73.9])
        assert.deepEqual([alone!.lat, alone!.lng, alone!.confidence], [34, 77, 'low'])
      },
    ))

  it('refuses a table it can not read, naming the line', async () => {
    await withTable([header, '411001,north,73.8,,,1,geocoded,1,high'], (path) =>
      assert.rejects(openPinTable(path), /line 2/),
    )
    await withTable(['pin,lat'], (path) => assert.rejects(openPinTable(path), /must begin with/))
  })
})
