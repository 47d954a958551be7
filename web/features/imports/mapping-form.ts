import type { ImportKind, ImportSurvey } from './api.ts'

export type MappingForm = {
  readonly name: string
  readonly kind: ImportKind
  /** Column by field; a field without one is left out. */
  readonly columns: Readonly<Record<string, string | null>>
  /** How dates are written, by field. */
  readonly formats: Readonly<Record<string, string>>
}

/** Fields whose columns are called alike are filled in already. */
export function startOf(survey: ImportSurvey, kind: ImportKind): MappingForm {
  const columns = Object.fromEntries((survey.targets[kind] ?? []).map(({ name, column }) => [name, column]))
  return { name: '', kind, columns, formats: {} }
}

export function missingOf(survey: ImportSurvey, { kind, columns }: MappingForm): string[] {
  return (survey.targets[kind] ?? [])
    .filter(({ name, isRequired }) => isRequired && (columns[name] ?? null) === null)
    .map(({ name }) => name)
}

/** The body of `POST /api/import-mappings`. */
export function mappingOf(survey: ImportSurvey, { name, kind, columns, formats }: MappingForm) {
  const rules = (survey.targets[kind] ?? []).flatMap(({ name: field, isRequired }) => {
    const from = columns[field] ?? null
    if (from === null) return []
    const format = formats[field]?.trim() ?? ''
    return [[field, { from, ...(isRequired ? { required: true } : {}), ...(format === '' ? {} : { format }) }] as const]
  })
  return {
    name,
    version: 1,
    kind,
    ...(survey.delimiter === null ? {} : { delimiter: survey.delimiter }),
    columns: Object.fromEntries(rules),
  }
}
