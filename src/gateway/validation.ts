import type { FastifySchemaCompiler } from 'fastify'
import { z } from 'zod'
import { limits } from '#contracts/common.ts'
import { AppError, type FieldError } from '#kernel/errors.ts'
import { reject, type Outcome } from '#kernel/outcome.ts'

function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Bad input of a hundred fields is told; more than that helps nobody. */
const errorsMax = 100

/** Every bad field of one value, with its pointer; unknown fields by their own names. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  const errors: FieldError[] = []
  for (const issue of error.issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys.slice(0, errorsMax)) {
        errors.push({
          pointer: pointerOf([...issue.path, key]),
          code: 'unknown_field',
          detail: `no such field: ${key.slice(0, 80)}`,
        })
      }
    } else {
      errors.push({ pointer: pointerOf(issue.path), code: issue.code, detail: issue.message })
    }
  }
  return errors.slice(0, errorsMax)
}

const many = new WeakMap<z.ZodType, z.ZodType>()

/** A body that is one object, or `{ "items": [...] }` of up to 250. The items are checked one by one by `parseItems`. */
export function oneOrMany<T extends z.ZodType>(item: T, id: string) {
  const batch = z.strictObject({ items: z.array(z.unknown()).min(1).max(limits.batchItems) })
  const documented = z.strictObject({ items: z.array(item).min(1).max(limits.batchItems) }).meta({ id: `${id}Batch` })
  const union = z.union([item, documented]) as unknown as z.ZodType<z.output<T> | { items: unknown[] }>
  many.set(union, batch)
  single.set(union, item)
  return union
}

const single = new WeakMap<z.ZodType, z.ZodType>()

/** One outcome an item: a bad item is refused with all its bad fields and does its neighbours no harm. */
export function parseItems<T extends z.ZodType>(schema: T, items: readonly unknown[]): Outcome<z.output<T>>[] {
  return items.map((item) => {
    const parsed = schema.safeParse(item)
    if (parsed.success) return { ok: true, value: parsed.data }
    const errors = fieldErrors(parsed.error)
    return reject(
      'invalid',
      'invalid',
      `${errors.length} ${errors.length === 1 ? 'field is' : 'fields are'} not valid`,
      errors,
    )
  })
}

/** Checks requests by the zod schemas beside the routes; what a schema does not know is refused, not dropped. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  return (data: unknown) => {
    const batch = many.get(schema)
    const isBatch = batch !== undefined && typeof data === 'object' && data !== null && 'items' in data
    const chosen = batch === undefined ? schema : isBatch ? batch : single.get(schema)!
    const parsed = chosen.safeParse(data)
    if (parsed.success) return { value: parsed.data }
    const errors = fieldErrors(parsed.error)
    const fields = errors.length === 1 ? 'field is' : 'fields are'
    return {
      error: new AppError('invalid', `${errors.length} ${fields} not valid in the ${httpPart ?? 'request'}`, {
        errors,
      }),
    }
  }
}
