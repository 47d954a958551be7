import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import type { z } from 'zod'
import { type DecisionData, parseDecisionData } from '#contracts/decision.ts'
import { featureContractSchema, type FeatureContract } from '#contracts/features.ts'
import { esgMethodSchema } from '#contracts/esg.ts'
import {
  categoriesFileSchema,
  type Category,
  type EsgFactor,
  esgFactorSchema,
  type Reference,
  type Rubric,
  rubricKey,
  rubricSchema,
} from '#contracts/reference.ts'
import { rubricFaults } from '#services/quality/rubric-faults.ts'
import { referenceFaults } from './reference-faults.ts'

async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJsonText(path))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  throw new Error(`${path} has not the shape it must have: ${faults.join('; ')}`)
}

async function readJsonText(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'))
}

async function readDecision(folder: string): Promise<DecisionData> {
  const read = (name: keyof DecisionData) => readJsonText(join(folder, `${name}.json`))
  const [channels, fees, transport, policy, priors, constraints, emissions] = await Promise.all([
    read('channels'),
    read('fees'),
    read('transport'),
    read('policy'),
    read('priors'),
    read('constraints'),
    read('emissions'),
  ])
  return parseDecisionData({ channels, fees, transport, policy, priors, constraints, emissions })
}

async function readFeatures(path: string): Promise<FeatureContract> {
  const contract = await readJson(path, featureContractSchema)
  return {
    ...contract,
    hash: createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  }
}

async function readFactors(path: string): Promise<Map<string, EsgFactor>> {
  const rows: Record<string, string>[] = parse(await readFile(path, 'utf8'), {
    columns: true,
    skip_empty_lines: true,
  })
  const factors = rows.map((row) =>
    esgFactorSchema.parse({
      id: row['factor_id'],
      category: row['category'],
      activity: row['activity'],
      unit: row['unit'],
      kgco2ePerUnit: Number(row['kgco2e_per_unit'] || Number.NaN),
      low: row['low'] ? Number(row['low']) : null,
      high: row['high'] ? Number(row['high']) : null,
      source: row['source'],
      year: Number(row['year']),
      region: row['region'],
      note: row['note'],
    }),
  )
  return uniqueById(path, factors)
}

function uniqueById<T extends { readonly id: string }>(path: string, items: readonly T[]): Map<string, T> {
  const byId = new Map(items.map((item) => [item.id, item]))
  if (byId.size !== items.length) throw new Error(`${path} has two entries of one id`)
  return byId
}

async function readRubrics(folder: string): Promise<Rubric[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).toSorted()
  return Promise.all(
    names.map(async (name) => {
      const rubric = await readJson(join(folder, name), rubricSchema)
      const faults = rubricFaults(rubric)
      if (name !== `${rubric.id}.v${rubric.revision}.json`)
        faults.push(`holds ${rubric.id} revision ${rubric.revision}`)
      if (faults.length > 0) throw new Error(`${join(folder, name)}: ${faults.join('; ')}`)
      return rubric
    }),
  )
}

/** Reads and checks everything in `data/` that this program computes with; a fault stops the start and names the file. */
export async function readReference(dataFolder: string): Promise<Reference> {
  const [categoriesFile, rubrics, factors, method, decision, features] = await Promise.all([
    readJson(join(dataFolder, 'categories.json'), categoriesFileSchema),
    readRubrics(join(dataFolder, 'rubrics')),
    readFactors(join(dataFolder, 'esg', 'factors.csv')),
    readJson(join(dataFolder, 'esg', 'method.json'), esgMethodSchema),
    readDecision(join(dataFolder, 'decision')),
    readFeatures(join(dataFolder, 'features', 'returns.v1.json')),
  ])
  const categories: Map<string, Category> = uniqueById('categories.json', categoriesFile.categories)
  const newest = new Map<string, Rubric>()
  for (const rubric of rubrics.toSorted((a, b) => a.revision - b.revision)) newest.set(rubric.id, rubric)
  const reference: Reference = {
    categories,
    rubrics: newest,
    rubricsByRevision: new Map(rubrics.map((rubric) => [rubricKey(rubric.id, rubric.revision), rubric])),
    esg: { factors, method },
    decision,
    features,
    versions: {
      categories: categoriesFile.version,
      esgFactors: method.factorsVersion,
      esgMethod: method.version,
      features: features.version,
      ...Object.fromEntries(Object.entries(decision).map(([name, { version }]) => [`decision.${name}`, version])),
      ...Object.fromEntries([...newest.values()].map(({ id, version }) => [`rubric.${id}`, version])),
    },
  }
  const faults = referenceFaults(reference)
  if (faults.length > 0) throw new Error(`${dataFolder}: ${faults.join('; ')}`)
  return reference
}
