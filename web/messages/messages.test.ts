import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTranslator } from 'use-intl/core'
import english from './en.json' with { type: 'json' }
import hindi from './hi.json' with { type: 'json' }
import accessEnglish from './access.en.json' with { type: 'json' }
import accessHindi from './access.hi.json' with { type: 'json' }
import analyticsEnglish from './analytics.en.json' with { type: 'json' }
import analyticsHindi from './analytics.hi.json' with { type: 'json' }
import importsEnglish from './imports.en.json' with { type: 'json' }
import importsHindi from './imports.hi.json' with { type: 'json' }
import hubsEnglish from './hubs.en.json' with { type: 'json' }
import hubsHindi from './hubs.hi.json' with { type: 'json' }
import modelsEnglish from './models.en.json' with { type: 'json' }
import modelsHindi from './models.hi.json' with { type: 'json' }
import adminEnglish from './admin.en.json' with { type: 'json' }
import adminHindi from './admin.hi.json' with { type: 'json' }
import jobsEnglish from './jobs.en.json' with { type: 'json' }
import jobsHindi from './jobs.hi.json' with { type: 'json' }
import policiesEnglish from './policies.en.json' with { type: 'json' }
import policiesHindi from './policies.hi.json' with { type: 'json' }
import stationEnglish from './station.en.json' with { type: 'json' }
import stationHindi from './station.hi.json' with { type: 'json' }
import {
  acceptances,
  custodies,
  dispositions,
  executions,
  grades,
  moneyStates,
  overrideReasons,
  reasonCodes,
  returnTypes,
  roles,
  stages,
} from '../../src/contracts/codes.ts'

type Tree = { readonly [key: string]: string | Tree }

function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : flat(value, `${path}${key}.`),
  )
}

const messages = {
  en: {
    ...english,
    access: accessEnglish,
    analytics: analyticsEnglish,
    hubs: hubsEnglish,
    imports: importsEnglish,
    admin: adminEnglish,
    jobs: jobsEnglish,
    models: modelsEnglish,
    policies: policiesEnglish,
    station: stationEnglish,
  },
  hi: {
    ...hindi,
    access: accessHindi,
    analytics: analyticsHindi,
    hubs: hubsHindi,
    imports: importsHindi,
    admin: adminHindi,
    jobs: jobsHindi,
    models: modelsHindi,
    policies: policiesHindi,
    station: stationHindi,
  },
}
const all = { en: new Map(flat(messages.en)), hi: new Map(flat(messages.hi)) }

test('both languages have the same messages', () => {
  assert.deepEqual([...all.hi.keys()].toSorted(), [...all.en.keys()].toSorted())
})

test('a translation names the same arguments', () => {
  const argumentsOf = (text: string) =>
    [...new Set([...text.matchAll(/\{([a-z]\w*)[,}]/g)].map((match) => match[1] ?? ''))].toSorted((a, b) =>
      a.localeCompare(b),
    )
  for (const [key, text] of all.en) assert.deepEqual(argumentsOf(all.hi.get(key) ?? ''), argumentsOf(text), key)
})

test('every message can be formatted', () => {
  for (const locale of ['en', 'hi'] as const) {
    const t = createTranslator({
      locale,
      messages: messages[locale],
      onError: (error) => assert.fail(error),
    })
    for (const key of all[locale].keys()) {
      const given = Object.fromEntries(
        [...(all[locale].get(key) ?? '').matchAll(/\{([a-z]\w*)/g)].map((match) => [match[1], 2]),
      )
      assert.notEqual(t(key as never, given as never), key)
    }
  }
})

test('every code has a name', () => {
  const codes: Readonly<Record<string, readonly string[]>> = {
    stage: stages,
    disposition: dispositions,
    grade: grades,
    execution: executions,
    moneyState: moneyStates,
    acceptance: acceptances,
    custody: custodies,
    reason: reasonCodes,
    returnType: returnTypes,
    override: overrideReasons,
    role: roles,
  }
  for (const [group, names] of Object.entries(codes)) {
    for (const name of names) assert.ok(all.en.has(`${group}.${name}`), `${group}.${name}`)
  }
})
