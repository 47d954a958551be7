import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Secrets } from '#platform/secrets/port.ts'

export type OpenedSecrets = {
  readonly secrets: Secrets
  /** A second process of the same installation. */
  readonly another: () => Promise<Secrets>
  /** A client that persons may belong to. */
  readonly clientId: string
  /** Destroys the keys of these persons, as an erasure does. */
  readonly erase: (personIds: readonly string[]) => Promise<void>
  /** Removes the rows of these persons, as the removal of their client does. */
  readonly forget: (personIds: readonly string[]) => Promise<void>
  /** Lets the data of these persons rest, or ends that. */
  readonly restrict: (personIds: readonly string[], isRestricted: boolean) => Promise<void>
}

const place = { table: 'return_items', row: '1', field: 'customer' }

/** What every engine of the secrets keeps to. */
export function secretsSuite(engine: string, open: (t: TestContext) => Promise<OpenedSecrets>): void {
  void test(`secrets: ${engine}`, async (t) => {
    const { secrets, another, clientId, erase, forget, restrict } = await open(t)
    let persons = 0
    const newPerson = () => secrets.personId(clientId, `person ${++persons}`)
    const seal = (personId: string, plain: string, at = place) =>
      secrets.seal([{ personId, clientId, plain, place: at }]).then(([text]) => text!)
    const open1 = (personId: string, sealed: string, at = place) =>
      secrets.open([{ personId, sealed, place: at }]).then(([plain]) => plain)

    await t.test('texts come back in order, several for one person too', async () => {
      const [a, b] = [newPerson(), newPerson()]
      const requests = ['Asha, MG Road', '', 'ना\u0000🙂', 'x'.repeat(5000)].map((plain, i) => ({
        personId: i % 2 === 0 ? a : b,
        clientId,
        plain,
        place,
      }))
      const sealed = await secrets.seal(requests)
      assert.deepEqual(
        await secrets.open(requests.map(({ personId }, i) => ({ personId, sealed: sealed[i]!, place }))),
        requests.map((r) => r.plain),
      )
      assert.deepEqual(await secrets.seal([]), [])
      assert.deepEqual(await secrets.open([]), [])
    })
    await t.test('the sealed text tells nothing, and equal texts differ', async () => {
      const personId = newPerson()
      const [one, two] = await secrets.seal([1, 2].map(() => ({ personId, clientId, plain: '+919812345678', place })))
      assert.notEqual(one, two)
      assert.ok(!Buffer.from(one!, 'base64').includes('98123') && !one!.includes('98123'))
    })
    await t.test('it opens neither for another person, nor at another place, nor when changed', async () => {
      const [a, b] = [newPerson(), newPerson()]
      const sealed = await seal(a, 'secret')
      await seal(b, 'other')
      await assert.rejects(open1(b, sealed))
      for (const [part, other] of Object.entries({ table: 'quality_checks', row: '2', field: 'note' }))
        await assert.rejects(open1(a, sealed, { ...place, [part]: other }), `another ${part}`)
      const at = sealed.length - 8
      await assert.rejects(open1(a, sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)))
      await assert.rejects(open1(a, `9${sealed.slice(1)}`), 'a version that is not known')
      await assert.rejects(open1(a, 'no sealed text at all'))
    })
    await t.test('first use of a person at once in two processes ends in one key', async () => {
      const other = await another()
      const ids = Array.from({ length: 40 }, newPerson)
      const requests = (plain: string, order: readonly string[]) =>
        order.map((personId) => ({ personId, clientId, plain: `${plain} ${personId}`, place }))
      const [ours, theirs] = await Promise.all([
        secrets.seal(requests('ours', ids)),
        other.seal(requests('theirs', ids.toReversed())),
      ])
      const third = await another()
      assert.deepEqual(
        await third.open(ids.map((personId, i) => ({ personId, sealed: ours[i]!, place }))),
        ids.map((id) => `ours ${id}`),
      )
      assert.deepEqual(
        await third.open(ids.toReversed().map((personId, i) => ({ personId, sealed: theirs[i]!, place }))),
        ids.toReversed().map((id) => `theirs ${id}`),
      )
    })
    await t.test('a destroyed key is gone at once, in every process', async () => {
      const other = await another()
      const [gone, kept] = [newPerson(), newPerson()]
      const sealed = await secrets.seal(
        [gone, kept].map((personId) => ({ personId, clientId, plain: personId, place })),
      )
      const items = [
        { personId: gone, sealed: sealed[0]!, place },
        { personId: kept, sealed: sealed[1]!, place },
      ]
      assert.deepEqual(await other.open(items), [gone, kept])
      await erase([gone])
      assert.deepEqual(await secrets.open(items), [null, kept])
      assert.deepEqual(await other.open(items), [null, kept])
      assert.deepEqual(await other.openRestricted(items), [null, kept])
    })
    await t.test('who comes again after an erasure gets a new key, and nothing of before opens', async () => {
      const other = await another()
      const person = newPerson()
      const before = await seal(person, 'before')
      await erase([person])
      const [one, two] = await Promise.all([
        seal(person, 'after'),
        other.seal([{ personId: person, clientId, plain: 'also after', place }]),
      ])
      assert.equal(await open1(person, before), null)
      assert.equal(await open1(person, one), 'after')
      assert.equal(await open1(person, two[0]!), 'also after')
    })
    await t.test('restricted data open only for their own sake, until that ends', async () => {
      const person = newPerson()
      const sealed = await seal(person, 'rests')
      await restrict([person], true)
      assert.equal(await open1(person, sealed), null)
      assert.deepEqual(await secrets.openRestricted([{ personId: person, sealed, place }]), ['rests'])
      await restrict([person], false)
      assert.equal(await open1(person, sealed), 'rests')
    })
    await t.test('after a removal the person gets a new key, one that another process finds', async () => {
      const person = newPerson()
      await seal(person, 'before')
      await forget([person])
      const sealed = await seal(person, 'after')
      const other = await another()
      assert.deepEqual(await other.open([{ personId: person, sealed, place }]), ['after'])
    })
    await t.test('more persons in one batch than are kept in memory', async () => {
      const ids = Array.from({ length: 60 }, newPerson)
      const requests = ids.map((personId) => ({ personId, clientId, plain: `of ${personId}`, place }))
      const known = await secrets.seal(requests.slice(0, 10))
      const sealed = await secrets.seal(requests)
      const all = [...known, ...sealed].map((text, i) => ({
        personId: ids[i < 10 ? i : i - 10]!,
        sealed: text,
        place,
      }))
      assert.deepEqual(
        await secrets.open(all),
        all.map(({ personId }) => `of ${personId}`),
      )
    })
    await t.test(
      'a person has one id in all processes, another one at another client, and it tells nothing',
      async () => {
        const other = await another()
        const elsewhere = '01920000-0000-7000-8000-000000000001'
        assert.equal(secrets.personId(clientId, 'asha@example.com'), other.personId(clientId, 'asha@example.com'))
        assert.notEqual(secrets.personId(clientId, 'a'), secrets.personId(elsewhere, 'a'))
        assert.match(secrets.personId(clientId, 'asha@example.com'), /^[\w-]{22}$/)
      },
    )
    await t.test('a mark is the same in all processes, and another one for another kind, client or value', async () => {
      const other = await another()
      const mark = secrets.mark(clientId, 'email', 'asha@example.com')
      assert.equal(other.mark(clientId, 'email', 'asha@example.com'), mark)
      const others = [
        secrets.mark(clientId, 'phone', 'asha@example.com'),
        secrets.mark('01920000-0000-7000-8000-000000000001', 'email', 'asha@example.com'),
        secrets.mark(clientId, 'email', 'ashb@example.com'),
        secrets.personId(clientId, 'asha@example.com'),
      ]
      assert.equal(new Set([mark, ...others]).size, 5)
    })
  })
}
