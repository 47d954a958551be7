import { surveyLimits, type ImportSurvey, type SurveyTarget } from '#contracts/import-survey.ts'
import { importKinds, type ImportKind, type ImportMapping } from '#contracts/imports.ts'
import { AppError } from '#kernel/errors.ts'
import { bindMapping } from './bind-mapping.ts'
import { columnKey } from './column-key.ts'
import { detectMapping } from './detect-mapping.ts'
import { readRows } from './read-rows.ts'
import type { ImportSource } from './source.ts'
import { surveyFile, type FileSurvey } from './survey-file.ts'
import { targetsOf } from './targets.ts'

/**
 * Shape of a file, or of its first part, with the mappings that fit it. Nothing is kept. Throws as `surveyFile` for what is no
 * table.
 */
export async function inspectFile(source: ImportSource, mappings: readonly ImportMapping[]): Promise<ImportSurvey> {
  const survey = await surveyFile(source)
  const { format, delimiter, encoding, header } = survey
  return {
    format,
    delimiter,
    encoding: encoding.encoding,
    header: [...header],
    rows: await firstRows(source, survey),
    mapping: bestOf(mappings, header),
    fits: mappings.filter((mapping) => doesFit(mapping, header)).map((mapping) => mapping.name),
    targets: Object.fromEntries(importKinds.map((kind) => [kind, targetsIn(kind, header)])) as ImportSurvey['targets'],
  }
}

async function firstRows(source: ImportSource, survey: FileSurvey): Promise<string[][]> {
  const shown: string[][] = []
  for await (const { rows } of readRows(source, survey)) {
    for (const row of rows) {
      if (shown.length === surveyLimits.sampleRows) return shown
      if (row.fault === null) shown.push(row.values.map((value) => value.slice(0, surveyLimits.cellChars)))
    }
  }
  return shown
}

function bestOf(mappings: readonly ImportMapping[], header: readonly string[]): string | null {
  return unlessRefused(() => detectMapping(mappings, header).name)
}

function doesFit(mapping: ImportMapping, header: readonly string[]): boolean {
  return unlessRefused(() => bindMapping(mapping, header)) !== null
}

function unlessRefused<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

function targetsIn(kind: ImportKind, header: readonly string[]): SurveyTarget[] {
  const columns = new Map(header.map((name) => [columnKey(name), name]))
  return Object.entries(targetsOf[kind]).map(([name, { form, isRequired }]) => ({
    name,
    form,
    isRequired: isRequired === true,
    column: columns.get(columnKey(name)) ?? null,
  }))
}
