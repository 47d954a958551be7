import type { z } from 'zod'
import {
  constraintsFileSchema,
  emissionsFileSchema,
  policyFileSchema,
  policyParameters,
  type DecisionData,
} from '#contracts/decision.ts'
import { channelsFileSchema, feesFileSchema, transportFileSchema } from '#contracts/decision-markets.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { nearest } from '#kernel/nearest.ts'
import { rangeFaults } from './policy-ranges.ts'

/** Files of `data/decision` that a policy may change; the priors are a model, not a policy. */
const schemas = {
  channels: channelsFileSchema,
  fees: feesFileSchema,
  transport: transportFileSchema,
  policy: policyFileSchema,
  constraints: constraintsFileSchema,
  emissions: emissionsFileSchema,
} as const satisfies Partial<Record<keyof DecisionData, z.ZodType>>
type Part = keyof typeof schemas
const parts = Object.keys(schemas) as Part[]

export type PatchedPolicy = {
  readonly data: DecisionData
  /** Parts that differ from what serves. */
  readonly changed: readonly Part[]
}

/** What names an element of a list, where a patch gives members instead of the whole list. */
const keys: readonly (readonly string[])[] = [
  ['id'],
  ['route'],
  ['table', 'component', 'category', 'validFrom'],
  ['category'],
]
const keySeparator = '|'

type Members = Record<string, unknown>
export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What names the elements of this list; null where nothing does. */
export function keyOf(list: readonly unknown[]): ((element: unknown) => string) | null {
  const fields = keys.find((names) => list.every((e) => isMembers(e) && names.every((n) => typeof e[n] === 'string')))
  if (list.length === 0 || fields === undefined) return null
  return (element) => fields.map((name) => (element as Members)[name]).join(keySeparator)
}

/** A patch that names what is not there changes nothing and would go unseen, so it is a fault. */
function unknownElement(path: string, name: string, known: readonly string[]): FieldError {
  const detail = `there is no ${name}; the nearest is ${nearest(name, known)}`
  return { pointer: `${path}/${escaped(name)}`, code: 'unknown', detail }
}

export const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** RFC 7386; besides, the elements of a list with names (`id`, `route` ...) may be patched by name, and removed by null. */
function merged(target: unknown, patch: unknown, path: string, errors: FieldError[]): unknown {
  if (!isMembers(patch)) return patch
  if (Array.isArray(target)) return mergedList(target, patch, path, errors)
  const result: Members = isMembers(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value, `${path}/${escaped(name)}`, errors)
  }
  return result
}

function mergedList(target: readonly unknown[], patch: Members, path: string, errors: FieldError[]): unknown {
  const nameOf = keyOf(target)
  if (nameOf === null) {
    errors.push({ pointer: path, code: 'list', detail: 'this list has no names; give the whole list' })
    return target
  }
  const names = target.map(nameOf)
  for (const name of Object.keys(patch)) if (!names.includes(name)) errors.push(unknownElement(path, name, names))
  return target.flatMap((element, i) => {
    const change = patch[names[i]!]
    if (change === undefined) return [element]
    return change === null ? [] : [merged(element, change, `${path}/${escaped(names[i]!)}`, errors)]
  })
}

/** Places in lists by the names of their elements, for a reader does not count them. */
function pointerOf(part: Part, file: unknown, path: readonly PropertyKey[]): string {
  let at = file
  const words = path.map((step) => {
    const nameOf = Array.isArray(at) ? keyOf(at) : null
    const word = nameOf === null ? String(step) : nameOf((at as unknown[])[step as number])
    at = (at as Members | undefined)?.[step as string]
    return escaped(word)
  })
  return ['', part, ...words].join('/')
}

function issuesOf(part: Part, file: unknown, error: z.ZodError): FieldError[] {
  return error.issues.map((issue) => {
    const place = pointerOf(part, file, issue.path)
    if (issue.code !== 'unrecognized_keys') return { pointer: place, code: 'invalid', detail: issue.message }
    const known = place === '/policy/parameters' ? policyParameters : []
    const said = issue.keys.map((key) =>
      known.length === 0 ? `there is no ${key}` : `there is no ${key}; the nearest is ${nearest(key, known)}`,
    )
    return { pointer: place, code: 'unknown', detail: said.join('; ') }
  })
}

/** What the files say of one another and no schema sees. */
function faultsBetween(data: DecisionData): FieldError[] {
  const tables = new Set(data.fees.rows.map((row) => row.table))
  const errors = data.channels.channels.flatMap((channel): FieldError[] => {
    if (channel.feeTable === null || tables.has(channel.feeTable)) return []
    const pointer = `/channels/channels/${escaped(channel.id)}/feeTable`
    return [{ pointer, code: 'unknown', detail: `there is no fee table ${channel.feeTable}` }]
  })
  const ids = data.channels.channels.map((channel) => channel.id)
  const repeated = ids.find((id, i) => ids.indexOf(id) !== i)
  if (repeated !== undefined) {
    const pointer = '/channels/channels'
    errors.push({ pointer, code: 'repeated', detail: `two channels have the id ${repeated}` })
  }
  return errors
}

/** The decision data with a patch by file laid over them; refuses the whole patch and names every bad field. */
export function patchDecision(data: DecisionData, patch: unknown): PatchedPolicy {
  const refuse = (errors: readonly FieldError[]): never => {
    throw new AppError('invalid', `the policy has ${errors.length} faults`, { problem: 'policy_invalid', errors })
  }
  if (!isMembers(patch)) return refuse([{ pointer: '', code: 'invalid', detail: 'a policy is a JSON object by file' }])
  const errors: FieldError[] = []
  for (const name of Object.keys(patch)) {
    if (!(parts as readonly string[]).includes(name)) errors.push(unknownElement('', name, parts))
  }
  const changed = parts.filter((part) => patch[part] !== undefined)
  if (changed.length === 0 && errors.length === 0)
    errors.push({ pointer: '', code: 'empty', detail: `it changes nothing: give one of ${parts.join(', ')}` })
  const patched: Members = { ...data }
  for (const part of changed) {
    const file = merged(data[part], patch[part], `/${part}`, errors)
    const parsed = schemas[part].safeParse(file)
    if (parsed.success) patched[part] = { ...parsed.data, version: versionOf(data[part].version, parsed.data.version) }
    else errors.push(...issuesOf(part, file, parsed.error))
    if (part === 'policy' && parsed.success) errors.push(...rangeFaults((patched as DecisionData).policy))
  }
  if (errors.length === 0) errors.push(...faultsBetween(patched as DecisionData))
  return errors.length > 0 ? refuse(errors) : { data: patched as DecisionData, changed }
}

/** A changed file never goes by the version of the one that serves. */
function versionOf(served: string, given: string): string {
  return given === served ? `${served}+candidate` : given
}
