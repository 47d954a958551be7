import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { atMs, optionOf, recommend, sureOf, unit, withParameters } from '../../../test/support/decision.ts'

const shirt = unit({ categoryId: 'fashion.apparel.topwear', priceMinor: 100_000, grade: 'B' })
const near = (actual: number, expected: number, by = 1) =>
  assert.ok(Math.abs(actual - expected) <= by, `${actual} is not ${expected}`)

describe('expected value', () => {
  it('is the sum worked out by hand for a shirt resold on Amazon.in', () => {
    const body = recommend(shirt, sureOf({ secondary: 0.5, lot: 0.1 }, { rereturn: 0.12 }))
    const option = optionOf(body, 'resell', 'amazon_in')

    // Sale: 25 days on a secondary marketplace, x 0.8 on this channel; horizon 77 days, eleven weeks of the same hazard.
    const left = Math.exp(-77 / 20)
    const S = 1 - left
    const week = 1 - Math.exp(-7 / 20)
    const middles = Array.from({ length: 11 }, (_, j) => (1 - week) ** j * week * (7 * j + 3.5))
    const tau = middles.reduce((sum, x) => sum + x, 0) / S
    // Waiting 0.5 d, processing 1 d, listing 2 d; 1 % a month.
    const start = 0.5 + 1 + 2
    const P = 100_000 * 0.5 * Math.exp(-0.00033 * (start + tau))
    near(P, 49_638, 1)
    // A re-return loses 0.6 of the price.
    const kept = 1 - 0.12 * 0.6
    // Unsold: the lot brings 10 % after 11.5 days, less 5 % with GST, less 0.3 kg by lorry; then 80.5 days more.
    const lot = 10_000 * Math.exp(-0.00033 * 11.5) * (1 - 0.05 * 1.18) - 0.3 * (150 + 0.4 * 300)
    const L = lot * Math.exp(-0.00033 * (start + 77))
    near(option.breakdown.gross, S * P * kept + (1 - S) * L, 2)
    // 4.5 % below 500 INR, closing 10 INR, shipping 65 INR for the first 500 g (0.3 kg, 1.6 l / 5 = 0.32 kg).
    near(option.breakdown.fees, -S * 1.18 * (0.045 * P + 1_000 + 6_500))
    // Receiving 8, inspecting 7, repacking 0.8 x 6, cleaning 0.5 x 18, channel 8 INR.
    assert.equal(option.breakdown.handling, -(800 + 700 + 480 + 900 + 800))
    // 300 km, first 500 g.
    assert.equal(option.breakdown.transport, -3_800)
    // 1.6 l at 5 paise, book value 65 % of the price at 12 % a year.
    const T = start + S * tau + (1 - S) * 77
    near(option.breakdown.holding, -(5 * 1.6 + (0.12 / 365) * 65_000) * T)
    near(option.value.mean, 45_277 - 11_241 - 3_680 - 3_800 - 684, 3)
    near(option.daysToCash, T, 0.05)

    // Emissions: 0.3 kg over 300 and 450 km (van 50 km, lorry the rest), 4 minutes x 1.2 of the hub; 4 INR a kg.
    const van = 0.6313 + 0.15095
    const lorry = 0.10163 + 0.02359
    const kg = 0.0003 * (100 * van + (250 + 400) * lorry) + 4 * 1.2 * 0.01 * 0.71
    near(option.emissionsGrams!, kg * 1000, 0.6)
    assert.equal(option.utility, option.value.mean - Math.round(kg * 400))
  })

  it('takes a failed repair to spares or a lot and loses what was spent', () => {
    const phone = unit({ priceMinor: 2_000_000 })
    const sure = sureOf({ refurbished: 0.7, parts: 0.2, lot: 0.15 }, { repairSuccess: Array(5).fill(0.8) })
    const broken = { ...sure, repairNeed: Array(5).fill(1), repairCostRatio: Array(5).fill(0.075) }
    const sold = optionOf(recommend(phone, sure), 'refurbish', 'own_outlet')
    const body = recommend(phone, broken, withParameters({ repairCostSd: 0 }))
    const spares = Math.max(
      ...['parts', 'liquidate']
        .flatMap((d) => body.options.filter((o) => o.disposition === d))
        .map((o) => o.value.mean),
    )
    const expected = 0.8 * (sold.value.mean - 150_000) + 0.2 * (spares - 0.8 * 150_000)
    const option = optionOf(body, 'refurbish', 'own_outlet')
    near(option.value.mean, expected, 5)
    near(option.breakdown.repair, -(0.8 * 150_000 + 0.2 * 0.8 * 150_000))
  })

  it('lowers the price by age since the sale and by units already sent to the channel', () => {
    const sure = sureOf({ secondary: 0.5 })
    const gross = (over: object) =>
      optionOf(recommend({ ...shirt, ...over }, sure), 'resell', 'flipkart').breakdown.gross
    near(gross({ soldAtMs: atMs - 100 * 86_400_000 }) / gross({}), Math.exp(-0.033), 1e-3)
    // 60 units a month, this channel reaches 0.8 of them.
    near(gross({ routedByChannel: { flipkart: 48 } }) / gross({}), 2 ** -0.15, 2e-3)
  })

  it('takes the list price at the usual discount where the price paid is not known', () => {
    const body = recommend({ ...shirt, priceMinor: null, mrpMinor: 200_000 })
    const same = recommend({ ...shirt, priceMinor: 110_000 })
    assert.deepEqual(body.value, same.value)
  })

  it('prices hub minutes and risk only when the policy does', () => {
    const free = optionOf(recommend(shirt), 'resell', 'flipkart')
    const paid = optionOf(recommend(shirt, undefined, withParameters({ hubMinuteMinor: 100 })), 'resell', 'flipkart')
    near(free.utility - paid.utility, 100 * 4 * 1.2)
    const busy = optionOf(recommend({ ...shirt, hubMinuteMinor: 300 }), 'resell', 'flipkart')
    near(free.utility - busy.utility, 300 * 4 * 1.2)
    const averse = optionOf(recommend(shirt, undefined, withParameters({ eta: 0.5 })), 'resell', 'flipkart')
    assert.equal(averse.value.mean, free.value.mean)
    assert.ok(free.utility - averse.utility > 0.5 * (free.value.mean - free.value.p05) * 0.8)
  })

  it('gives up no more than the cap for emissions, and says what it gave up', () => {
    const body = recommend(
      unit({ categoryId: 'home.furniture.furniture', priceMinor: 1_500_000 }),
      undefined,
      withParameters({ lambdaE: 1e6 }),
    )
    const money = optionOf(body, body.moneyBest.disposition, body.moneyBest.channel)
    assert.ok(body.greenerCostMinor <= 0.05 * 1_500_000)
    near(body.greenerCostMinor, money.value.mean - body.value.mean, 2)
  })
})
