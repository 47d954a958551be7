import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { goldenFault, linearFileSchema, placesOf, scorerOf } from './hashed-linear.ts'
import { openLinear } from './linear.ts'
import type { Text } from './port.ts'

const small = join(import.meta.dirname, '..', '..', '..', 'test', 'fixtures', 'text-small')
const categories: string[] = JSON.parse(
  await readFile(join(import.meta.dirname, '..', '..', '..', 'data', 'categories.json'), 'utf8'),
).categories.map(({ id }: { id: string }) => id)

const silent: Text = {
  engine: 'silent',
  parts: [],
  reasonOf: (texts) => Promise.resolve(texts.map(() => ({ cluster: null, probability: 0, sentiment: null }))),
  categoryOf: (titles) => Promise.resolve(titles.map(() => null)),
  close: () => Promise.resolve(),
}
const open = (folder: string, otherwise = silent) => openLinear({ folder, categoryIds: categories, otherwise })

/** A copy of the small models, one file changed. */
async function changed(t: TestContext, name: string, change: (file: any) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smartreturns-text-'))
  t.after(() => rm(folder, { recursive: true }))
  await cp(small, folder, { recursive: true })
  const file = JSON.parse(await readFile(join(folder, name), 'utf8'))
  change(file)
  await writeFile(join(folder, name), JSON.stringify(file))
  return folder
}

test('a term has the CRC-32 that Python gives it', () => {
  const words = placesOf({ field: 0, prefix: 't', kind: 'words', factor: 1 }, "Don't, OK")
  // zlib.crc32 of "tw:don't", "tw:ok" and "tb:don't ok".
  assert.deepEqual(words, [17_128_927, 761_366_217, 3_341_074_300])
  const characters = placesOf({ field: 0, prefix: '', kind: 'characters', factor: 1 }, 'Ab')
  // " ab", " ab " and "ab ", each after "c:".
  assert.deepEqual(characters, [1_613_889_079, 1_370_577_844, 2_727_766_719])
})

for (const name of ['reason.json', 'sentiment.json', 'category.json']) {
  test(`${name}: every golden text scores as in Python, to six digits`, async () => {
    const file = linearFileSchema.parse(JSON.parse(await readFile(join(small, name), 'utf8')))
    assert.ok(file.golden.length >= 25)
    assert.equal(goldenFault(file, scorerOf(file)), null)
    const [first, ...rest] = file.golden
    const off = { texts: first!.texts, scores: first!.scores.map((score) => score + 1e-5) }
    assert.match(goldenFault({ ...file, golden: [...rest, off] }, scorerOf(file)) ?? '', /otherwise than its trainer/)
  })
}

test('texts and titles are read by the models; what they are not sure of is asked of the other engine', async () => {
  const text = await open(small)
  assert.deepEqual(
    text.parts.map(({ part, engine }) => [part, engine]),
    [
      ['reason', 'linear'],
      ['sentiment', 'linear'],
      ['category', 'linear'],
    ],
  )
  const [late, strange, empty] = await text.reasonOf(['it came too late', 'xyzzy', ''])
  assert.equal(late!.cluster, 'late')
  assert.deepEqual([strange!.cluster, empty!.cluster, empty!.sentiment], [null, null, null])
  const [good, bad] = await text.reasonOf(['lovely, fits well', 'broken and too tight, not worth it'])
  assert.ok(good!.sentiment! > bad!.sentiment! && good!.sentiment! <= 1 && bad!.sentiment! >= -1)
  const titles = await text.categoryOf(['Cotton kurta', 'Running shoes', 'Steel pan', 'qqqq'])
  assert.deepEqual(
    titles.map((title) => title?.categoryId ?? null),
    ['fashion.apparel.ethnic', 'fashion.footwear.shoes', 'home.kitchen.cookware', null],
  )
  const sure: Text = {
    ...silent,
    reasonOf: (texts) => Promise.resolve(texts.map(() => ({ cluster: 'price', probability: 0.9, sentiment: null }))),
    categoryOf: (all) => Promise.resolve(all.map(() => ({ categoryId: 'books.general.book', probability: 0.9 }))),
  }
  const both = await open(small, sure)
  assert.deepEqual(
    (await both.reasonOf(['it came too late', 'xyzzy'])).map(({ cluster }) => cluster),
    ['late', 'price'],
  )
  assert.equal((await both.categoryOf(['qqqq']))[0]?.categoryId, 'books.general.book')
})

test('one model of the three is enough; none, and one that cannot be used, stop the start', async (t) => {
  const folder = await changed(t, 'reason.json', () => undefined)
  await rm(join(folder, 'category.json'))
  await rm(join(folder, 'sentiment.json'))
  const only = await open(folder)
  assert.deepEqual((await only.reasonOf(['it came too late']))[0]!.sentiment, null)
  await rm(join(folder, 'reason.json'))
  await assert.rejects(open(folder), /holds neither reason\.json nor sentiment\.json nor category\.json/)

  const refused: [string, (file: any) => void, RegExp][] = [
    ['reason.json', (file) => (file.outputs[0].intercept += 0.1), /reason\.json cannot be used: scores .* otherwise/],
    ['reason.json', (file) => (file.outputs[0].weights = ''), /an output has not one weight a bucket/],
    ['reason.json', (file) => (file.format = 'hashed-linear.v2'), /reason\.json cannot be used/],
    ['sentiment.json', (file) => delete file.chance, /does not say how a score becomes a chance/],
    ['category.json', (file) => (file.kind = 'sentiment'), /it is a model of kind sentiment/],
    ['category.json', (file) => (file.ours.Footwear.default = 'no.such.id'), /none of ours: no\.such\.id/],
  ]
  for (const [name, change, message] of refused) await assert.rejects(open(await changed(t, name, change)), message)
})
