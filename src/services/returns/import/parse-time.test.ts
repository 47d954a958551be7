import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileTime, timeFormatFault } from './parse-time.ts'

function time(format: string, text: string, zone = 'Asia/Kolkata'): string {
  const result = compileTime(format, zone)(text)
  return result.ok ? result.value : result.code
}

test('dates are read as the mapping declares them', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['iso', '2022-04-30', '2022-04-29T18:30:00.000Z'],
    ['iso', '2022-04-30T10:00:00Z', '2022-04-30T10:00:00.000Z'],
    ['iso', '2022-04-30 10:00', '2022-04-30T04:30:00.000Z'],
    ['iso', '2022-04-30T10:00:00.25+05:30', '2022-04-30T04:30:00.250Z'],
    ['DD-MM-YY', '05-08-23', '2023-08-04T18:30:00.000Z'],
    ['DD/MM/YYYY', '05/08/2023', '2023-08-04T18:30:00.000Z'],
    ['MM-DD-YY', '08-05-23', '2023-08-04T18:30:00.000Z'],
    ['DD-MMM-YYYY', '5-Aug-2023', '2023-08-04T18:30:00.000Z'],
    ['DD/MM/YYYY hh:mm A', '05/08/2023 01:15 PM', '2023-08-05T07:45:00.000Z'],
    ['DD/MM/YYYY HH:mm:ss', '05/08/2023 13:15:30', '2023-08-05T07:45:30.000Z'],
    ['excel', '45143', '2023-08-04T18:30:00.000Z'],
    ['excel', '45143.5', '2023-08-05T06:30:00.000Z'],
    ['epoch_s', '1691213400', '2023-08-05T05:30:00.000Z'],
    ['epoch_ms', '1691213400000', '2023-08-05T05:30:00.000Z'],
    ['iso', '05-08-2023', 'date_format'],
    ['MM-DD-YY', '13-05-23', 'date_impossible'],
    ['iso', '2023-02-29', 'date_impossible'],
    ['iso', '2024-02-29', '2024-02-28T18:30:00.000Z'],
    ['iso', '0223-02-20', 'date_impossible'],
    ['iso', '2023-02-20T25:00:00Z', 'date_impossible'],
    ['excel', '2023-02-20', 'date_format'],
    ['excel', '60', 'date_impossible'],
  ]
  for (const [format, text, expected] of cases) assert.equal(time(format, text), expected, `${format} ${text}`)
})

test('the wall clock of other zones, with the hours that come twice or never', () => {
  assert.equal(time('iso', '2026-07-01 12:00', 'America/New_York'), '2026-07-01T16:00:00.000Z')
  assert.equal(time('iso', '2026-12-01 12:00', 'America/New_York'), '2026-12-01T17:00:00.000Z')
  assert.equal(time('iso', '2026-11-01 01:30', 'America/New_York'), '2026-11-01T05:30:00.000Z')
  assert.equal(time('iso', '2026-03-08 02:30', 'America/New_York'), '2026-03-08T07:30:00.000Z')
  assert.equal(time('iso', '2026-03-29 02:30', 'Europe/Berlin'), '2026-03-29T01:30:00.000Z')
})

test('every day survives every pattern, in India and in New York', () => {
  const formats: readonly (readonly [string, (y: string, m: string, d: string) => string])[] = [
    ['iso', (y, m, d) => `${y}-${m}-${d}`],
    ['DD-MM-YY', (y, m, d) => `${d}-${m}-${y.slice(2)}`],
    ['DD/MM/YYYY', (y, m, d) => `${d}/${m}/${y}`],
    ['MM-DD-YY', (y, m, d) => `${m}-${d}-${y.slice(2)}`],
  ]
  const day = fc.date({ min: new Date('2000-01-01'), max: new Date('2069-12-31'), noInvalidDate: true })
  fc.assert(
    fc.property(
      day,
      fc.constantFrom(...formats),
      fc.constantFrom('Asia/Kolkata', 'America/New_York'),
      (date, [format, print], zone) => {
        const [y, m, d] = date.toISOString().slice(0, 10).split('-') as [string, string, string]
        const local = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(
          new Date(time(format, print(y, m, d), zone)),
        )
        assert.equal(local, `${y}-${m}-${d}`)
      },
    ),
  )
})

test('a format that is none is told', () => {
  assert.equal(timeFormatFault('DD/MM/YYYY'), null)
  assert.match(timeFormatFault('dd/mm/yy') ?? '', /no date format/)
})
