import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { routes, sellingRoutes } from '#contracts/codes.ts'
import { constraintIds } from '#contracts/decision.ts'
import type { DecisionItem } from '#contracts/recommendations.ts'
import { atMs, data, recommend, sureOf, unit } from '../../../test/support/decision.ts'

const given = (over: Partial<DecisionItem>) => recommend(unit(over))
const open = (over: Partial<DecisionItem>) => new Set(given(over).options.map((o) => o.disposition))
const blockedBy = (over: Partial<DecisionItem>, rule: string) => given(over).excluded.filter((e) => e.rule === rule)
const cream = { categoryId: 'beauty.personal.cosmetics', priceMinor: 65_000 }
const food = {
  categoryId: 'grocery.food.packaged',
  priceMinor: 200_000,
  grade: 'S',
  isOpened: false,
} as const

describe('constraints', () => {
  it('recall: only the vendor or destruction', () => {
    assert.deepEqual(open({ isRecalled: true }), new Set(['vendor', 'destroy']))
    assert.deepEqual(blockedBy({}, 'recall'), [])
  })

  it('hygiene.opened: not sold, not given away; sealed goods are free', () => {
    const opened = open({ ...cream, grade: 'A', isOpened: true, isVendorReturnable: true })
    assert.deepEqual(opened, new Set(['vendor', 'recycle', 'destroy']))
    assert.ok(open({ ...cream, grade: 'S', isOpened: false }).has('restock'))
    assert.ok(blockedBy({ ...cream, grade: 'A', isOpened: null }, 'hygiene.opened').length > 0)
    assert.deepEqual(blockedBy({ grade: 'A', isOpened: true }, 'hygiene.opened'), [])
  })

  it('hygiene.opened: a parcel refused at the door counts as sealed until somebody sees otherwise', () => {
    const refused = { ...cream, point: 't0', grade: null, isOpened: null, returnType: 'rto' } as const
    assert.deepEqual(blockedBy(refused, 'hygiene.opened'), [])
    assert.ok(blockedBy({ ...refused, returnType: 'customer_return' }, 'hygiene.opened').length > 0)
  })

  it('expiry: each channel has its least number of days', () => {
    const expiring = (days: number) => blockedBy({ ...food, daysToExpiry: days }, 'expiry').map((e) => e.channel)
    assert.deepEqual(expiring(120), [])
    assert.deepEqual(expiring(75), ['marketplace_stock'])
    assert.deepEqual(expiring(20), ['own_stock', 'marketplace_stock', 'liquidator'])
    assert.ok(expiring(6).includes('ngo'))
    const [first] = blockedBy({ ...food, daysToExpiry: 75 }, 'expiry')
    assert.equal(first!.message, '75 days to expiry; Marketplace stock takes it from 90 days.')
  })

  it('expiry: perishables without a date need one before they are sold', () => {
    const restock = given({ ...food, daysToExpiry: null }).options.find((o) => o.disposition === 'restock')
    assert.ok(restock?.requires.includes('expiry_check'))
  })

  it('hazmat.battery: only recycling, by ground, out of quarantine', () => {
    for (const over of [{ grade: 'Q', quarantine: 'hazard' }, { findings: ['battery_swollen'] }] as const) {
      const body = given(over)
      assert.deepEqual(open(over), new Set(['recycle']))
      assert.deepEqual(body.options[0]!.requires, ['quarantine', 'ground_transport'])
    }
    assert.deepEqual(blockedBy({ findings: ['scratch'] }, 'hazmat.battery'), [])
  })

  it('hazard.unsafe: a danger without a battery may also be destroyed', () => {
    const sharp = { grade: 'Q', quarantine: 'hazard', categoryId: 'toys.general.toy' } as const
    assert.deepEqual(open(sharp), new Set(['recycle', 'destroy']))
    assert.ok(given(sharp).options[0]!.requires.includes('quarantine'))
    assert.deepEqual(blockedBy({ grade: 'Q', quarantine: 'hazard' }, 'hazard.unsafe'), [])
  })

  it('hazmat.battery: nothing is left at a hub that may not keep it', () => {
    const hazard = { grade: 'Q', quarantine: 'hazard' } as const
    assert.deepEqual(open({ ...hazard, hubCapabilities: ['battery'] }), new Set(['recycle']))
    const body = given({ ...hazard, hubCapabilities: ['refurbish'] })
    assert.equal(body.disposition, 'hold')
    assert.ok(body.reviewReasons.includes('no_admissible_route'))
  })

  it('data.wipe: a certificate before a data-bearing unit leaves', () => {
    for (const option of given({}).options) {
      const leaves = ['restock', 'open_box', 'refurbish', 'resell', 'donate', 'liquidate', 'vendor'].includes(
        option.disposition,
      )
      assert.equal(option.requires.includes('wipe_certificate'), leaves, option.disposition)
    }
    const plain = given({ isDataBearing: false })
    assert.ok(plain.options.every((o) => !o.requires.includes('wipe_certificate')))
  })

  it('ewaste.registered: the partner holds a registration on the day', () => {
    const late = { atMs: Date.parse('2028-04-01T00:00:00Z') }
    assert.ok(blockedBy(late, 'ewaste.registered').some((e) => e.channel === 'recycler' && e.disposition === 'recycle'))
    assert.deepEqual(blockedBy({ atMs: Date.parse('2028-03-31T23:00:00Z') }, 'ewaste.registered'), [])
    assert.deepEqual(blockedBy({ ...late, categoryId: 'books.general.book' }, 'ewaste.registered'), [])
  })

  it('ewaste.registered: storage beyond the legal limit asks for a person', () => {
    const stored = (days: number) => given({ storedSinceMs: atMs - days * 86_400_000 }).reviewReasons
    assert.ok(stored(181).includes('constraint:ewaste.registered'))
    assert.ok(!stored(179).includes('constraint:ewaste.registered'))
  })

  it('brand.no_secondary: no resale, no lots', () => {
    const blocked = blockedBy({ hasBrandRestriction: true }, 'brand.no_secondary').map((e) => e.disposition)
    assert.deepEqual(blocked, ['resell', 'liquidate'])
    assert.deepEqual(blockedBy({}, 'brand.no_secondary'), [])
  })

  it('counterfeit: destruction or the vendor, after a review, and no credit is counted', () => {
    const over = { grade: 'Q', quarantine: 'counterfeit' } as const
    const body = given(over)
    assert.deepEqual(open(over), new Set(['vendor', 'destroy']))
    assert.equal(body.disposition, 'destroy')
    assert.ok(body.needsReview && body.reviewReasons.includes('constraint:counterfeit'))
    const sure = recommend(unit({ categoryId: 'fashion.accessory.bag' }), sureOf({ secondary: 0.5 }, { abuse: 0.95 }))
    assert.ok(sure.excluded.some((e) => e.rule === 'counterfeit'))
  })

  it('ownership: what is not ours is held', () => {
    for (const over of [{ isOwned: false }, { grade: 'Q', quarantine: 'wrong_item' }] as const) {
      const body = given(over)
      assert.equal(body.disposition, 'hold')
      for (const route of sellingRoutes)
        assert.ok(body.excluded.some((e) => e.disposition === route && e.rule === 'ownership'))
    }
    assert.deepEqual(blockedBy({}, 'ownership'), [])
  })

  it('quarantine.unresolved: a quarantine without a cause is held', () => {
    const body = given({ grade: 'Q' })
    assert.equal(body.disposition, 'hold')
    assert.ok(body.reviewReasons.includes('constraint:quarantine.unresolved'))
    assert.deepEqual(blockedBy({ grade: 'E' }, 'quarantine.unresolved'), [])
  })

  it('channel.accepts: category, grade, seal, floor, repair, agreement', () => {
    const why = (over: Partial<DecisionItem>, disposition: string, channel: string) =>
      given(over).excluded.find((e) => e.disposition === disposition && e.channel === channel)?.message ?? ''
    assert.match(why({}, 'restock', 'own_stock'), /sealed/)
    assert.match(why({ grade: 'D' }, 'resell', 'amazon_in'), /grade/)
    assert.match(why({ categoryId: 'books.general.book' }, 'refurbish', 'renewed_programme'), /category/)
    assert.match(why({ priceMinor: 30_000, categoryId: 'books.general.book' }, 'resell', 'flipkart'), /floor/)
    assert.match(why({ isRepairable: false }, 'refurbish', 'own_outlet'), /repaired/)
    assert.match(why({}, 'vendor', 'vendor'), /vendor/)
    assert.equal(why({ isVendorReturnable: true }, 'vendor', 'vendor'), '')
  })

  it('hub.capability: known hubs must have the skill, unknown hubs are not judged', () => {
    const lacking = (hubCapabilities: string[] | null) =>
      new Set(blockedBy({ hubCapabilities }, 'hub.capability').map((e) => e.disposition))
    assert.deepEqual(lacking(null), new Set())
    assert.deepEqual(lacking(['refurbish', 'data_wipe']), new Set())
    assert.ok(lacking(['data_wipe']).has('refurbish') && !lacking(['data_wipe']).has('resell'))
    assert.ok(lacking(['refurbish']).has('resell'))
    assert.ok(blockedBy({ isHazmat: true, hubCapabilities: ['refurbish', 'data_wipe'] }, 'hub.capability').length > 0)
  })

  it('every exclusion names a rule of the table with its version and a finished sentence', () => {
    const bodies = [
      { isRecalled: true },
      { ...cream, grade: 'A' } as const,
      { isOwned: false },
      { hubCapabilities: [] },
    ].map(given)
    for (const exclusion of bodies.flatMap((body) => body.excluded)) {
      const rule = data.constraints.constraints.find((row) => row.id === exclusion.rule)
      assert.equal(exclusion.ruleVersion, rule?.version)
      assert.ok(!exclusion.message.includes('{'), exclusion.message)
    }
    assert.deepEqual(data.constraints.constraints.map((row) => row.id).toSorted(), [...constraintIds].toSorted())
  })

  it('an empty set is held for a person, with every rule that stands in the way', () => {
    const body = given({ isRecalled: true, grade: 'Q', quarantine: 'hazard' })
    assert.deepEqual([body.disposition, body.channel, body.needsReview], ['hold', 'none', true])
    assert.deepEqual(body.options, [])
    for (const route of routes)
      assert.ok(
        body.excluded.some((e) => e.disposition === route),
        route,
      )
    assert.deepEqual(new Set(body.excluded.map((e) => e.rule)), new Set(['recall', 'hazmat.battery']))
  })
})
