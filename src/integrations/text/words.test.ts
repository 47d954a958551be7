import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { reasonClusters } from '#contracts/codes.ts'
import { openWords } from './words.ts'

const data = join(import.meta.dirname, '..', '..', '..', 'data')
const categories: string[] = JSON.parse(readFileSync(join(data, 'categories.json'), 'utf8')).categories.map(
  ({ id }: { id: string }) => id,
)
const words = await openWords(join(data, 'text'), categories)

const clusterOf = async (text: string) => (await words.reasonOf([text]))[0]!.cluster
const categoryOf = async (title: string) => (await words.categoryOf([title]))[0]?.categoryId ?? null

test('the clusters are those of the feature contract', () => {
  const contract = JSON.parse(readFileSync(join(data, 'features', 'returns.v1.json'), 'utf8'))
  const { values } = contract.features.find(({ name }: { name: string }) => name === 'reason_cluster')
  assert.deepEqual(values, [...reasonClusters])
})

test('what a customer writes is told in English and Hindi, in both scripts', async () => {
  const said = [
    ['The collar is fine but it is too tight around the chest', 'fit'],
    ['ek number chota hai, size up chahiye', 'fit'],
    ['यह बहुत ढीला है', 'fit'],
    ['Colour is different from the website picture', 'look'],
    ['design pasand nahi aaya', 'look'],
    ['फोटो से रंग अलग है', 'look'],
    ['Phone doesn’t turn on since yesterday', 'fault'],
    ['mixer chal nahi raha hai', 'fault'],
    ['मशीन खराब है, चालू नहीं होती', 'fault'],
    ['There are scratches on the back and the corner is bent', 'damage'],
    ['plate tooti hui mili', 'damage'],
    ['शीशा टूटा हुआ आया', 'damage'],
    ['The remote was not in the box', 'incomplete'],
    ['charger nahi mila box mein', 'incomplete'],
    ['डिब्बे में केबल नहीं मिली', 'incomplete'],
    ['I received a totally different shirt', 'wrong'],
    ['galat saman bhej diya', 'wrong'],
    ['गलत प्रोडक्ट भेजा', 'wrong'],
    ['Parcel came two weeks late', 'late'],
    ['bahut der se aaya', 'late'],
    ['सामान देर से मिला', 'late'],
    ['Same one is cheaper in the market', 'price'],
    ['bahut mehnga hai', 'price'],
    ['यह महंगा है', 'price'],
    ['I ordered by mistake', 'other'],
    ['ab zarurat nahi hai', 'other'],
    ['अब नहीं चाहिए', 'other'],
  ] as const
  const read = await words.reasonOf(said.map(([text]) => text))
  assert.deepEqual(
    read.map(({ cluster }, i) => [said[i]![0], cluster]),
    said.map(([text, cluster]) => [text, cluster]),
  )
  assert.ok(read.every(({ probability, sentiment }) => probability >= 0.5 && probability < 1 && sentiment === null))
})

test('what says nothing, or two things alike, gets no cluster', async () => {
  for (const text of ['', '   ', 'ok', 'Please collect it on Monday', '12345', 'torn and late', '😀😀'])
    assert.equal(await clusterOf(text), null, text)
})

test('a negator takes away what stands beside it, in its own clause only', async () => {
  assert.equal(await clusterOf('it is not damaged'), null)
  assert.equal(await clusterOf('toota nahi hai'), null)
  assert.equal(await clusterOf('it is not damaged, just too small'), 'fit')
  assert.equal(await clusterOf('box is damaged, nahi chahiye, toota hua hai'), 'damage')
  assert.equal(await clusterOf('not working'), 'fault')
})

test('titles tell their category; what follows "for" tells what a thing is for', async () => {
  for (const [title, categoryId] of [
    ['Wireless Headphones, black', 'electronics.audio.headphone'],
    ['Silicone case for mobile phone', 'electronics.accessory.cable_charger'],
    ['Smart Watch with heart rate', 'electronics.wearable.smartwatch'],
    ['COTTON KURTA BLUE', 'fashion.apparel.ethnic'],
    ["Women's Dresses", 'fashion.apparel.topwear'],
    ['Running shoes size 9', 'fashion.footwear.shoes'],
    ['Darjeeling tea 500 g', 'grocery.food.packaged'],
    ['Lakdi ki kursi', 'home.furniture.furniture'],
    ['सूती साड़ी', 'fashion.apparel.ethnic'],
    ['Steel pan', 'home.kitchen.cookware'],
    ['Carnation', null],
    ['Zyx 9000', null],
    ['', null],
  ] as const)
    assert.equal(await categoryOf(title), categoryId, title)
})

test('whatever the text, the answer is one of ours or none', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (text) => {
      const [cluster, category] = [await clusterOf(text), await categoryOf(text)]
      return (
        (cluster === null || reasonClusters.includes(cluster)) && (category === null || categories.includes(category))
      )
    }),
  )
})

test('a list that cannot be used is named', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'smartreturns-words-'))
  t.after(() => rm(folder, { recursive: true }))
  const spoil = async (name: string, change: (file: any) => void) => {
    await cp(join(data, 'text'), folder, { recursive: true })
    const file = JSON.parse(await readFile(join(folder, name), 'utf8'))
    change(file)
    await writeFile(join(folder, name), JSON.stringify(file))
    return openWords(folder, categories)
  }
  await assert.rejects(
    spoil('categories.json', (file) => (file.categories[0].categoryId = 'no.such.category')),
    /categories\.json cannot be used: no such category: no\.such\.category/,
  )
  await assert.rejects(
    spoil('reasons.json', (file) => file.clusters[1].words.en.push('too small')),
    /reasons\.json cannot be used: "too small" stands under two topics/,
  )
  await assert.rejects(
    spoil('reasons.json', (file) => (file.minimum = 2)),
    /reasons\.json cannot be used/,
  )
})
