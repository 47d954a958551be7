import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'

const folder = join(
  process.env['SMARTRETURNS_TEST_DATA'] ?? join(import.meta.dirname, '..', '..', '..', 'shared'),
  'specs',
)

/** Reason to skip where the specifications are not beside the repository; false where they are. */
export const specsAbsent = existsSync(folder) ? false : 'the specifications are not on this machine'

export type Spec = {
  /** Faults of a body against what the specification says of this request or answer; empty when it keeps to it. */
  readonly faults: (path: string, method: string, part: 'request' | number, body: unknown) => string[]
}

/** An OpenAPI document whose schemas judge what goes over the wire. */
export function readSpec(file: string): Spec {
  const text = readFileSync(join(folder, file), 'utf8')
  const document = file.endsWith('.json') ? JSON.parse(text) : parse(text)
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajv.addSchema(document, 'spec')
  const known = new Map<string, ValidateFunction | null>()
  const validatorOf = (path: string, method: string, part: 'request' | number): ValidateFunction | null => {
    const operation = document.paths[path]?.[method]
    if (operation === undefined) throw new Error(`${file} knows no ${method} ${path}`)
    const holder = part === 'request' ? operation.requestBody : operation.responses[part]
    if (holder === undefined) throw new Error(`${file}: ${method} ${path} has no ${part}`)
    if (holder.content?.['application/json'] === undefined) return null
    const steps = ['paths', path, method, ...(part === 'request' ? ['requestBody'] : ['responses', String(part)])]
    const pointer = [...steps, 'content', 'application/json', 'schema']
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/')
    return ajv.compile({ $ref: `spec#/${pointer}` })
  }
  return {
    faults: (path, method, part, body) => {
      const key = `${method} ${path} ${part}`
      if (!known.has(key)) known.set(key, validatorOf(path, method, part))
      const validate = known.get(key)
      if (validate === null || validate === undefined || validate(body)) return []
      return (validate.errors ?? []).map((error) => `${key}${error.instancePath}: ${error.message}`)
    },
  }
}
