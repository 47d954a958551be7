import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compiledFor } from '#services/recommendation/compile.ts'
import { topicsOf, wordsFor } from '#services/recommendation/explain-words.ts'
import { unitFacts } from '#services/recommendation/facts.ts'
import { reasonText, type Speech } from '../web/features/returns/reason-text.ts'
import english from '../web/messages/en.json' with { type: 'json' }
import hindi from '../web/messages/hi.json' with { type: 'json' }
import { categories, data, features, unit } from './support/decision.ts'

type Tree = { readonly [key: string]: string | Tree }

const compiled = compiledFor(data, categories)

/** Every feature known, with each of its values once; and nothing known. */
const rows = [
  ...Array.from({ length: 14 }, (_, n) =>
    Float32Array.from(features.features, (feature) => {
      if ('values' in feature) return n % feature.values.length
      return feature.type === 'boolean' ? n % 2 : n - 3
    }),
  ),
  new Float32Array(features.features.length).fill(Number.NaN),
]

/** The message as it stands in the file, once its arguments are there. */
function speechOf(language: Speech['language'], messages: Tree): Speech {
  const say: Speech['say'] = (key, params = {}) => {
    const found = key.split('.').reduce<string | Tree | undefined>((tree, name) => {
      return typeof tree === 'object' ? tree[name] : undefined
    }, messages)
    if (typeof found !== 'string') assert.fail(`${language} has no message ${key}`)
    for (const [, name = ''] of found.matchAll(/\{([a-z]\w*)[,}]/g)) assert.ok(name in params, `${key}: ${name}`)
    return found
  }
  return { language, say, categoryName: () => '' }
}

test('every reason of the feature contract has words in both languages, and what they need', () => {
  const speeches = [speechOf('en', english), speechOf('hi', hindi)]
  for (const row of rows) {
    for (const grade of ['B', null] as const) {
      const facts = unitFacts(compiled, unit({ grade, repairEstimateMinor: grade === null ? null : 45_000 }))
      for (const topic of topicsOf(features, grade !== null)) {
        const words = wordsFor(topic, features, facts, row)
        const [, translated] = speeches.map((speech) => reasonText(words, speech))
        // A code without a message would come out as its English words.
        assert.match(translated ?? '', /[\u0900-\u097F]/, words.code)
      }
    }
  }
})
