import { z } from 'zod'
import { AppError } from '#kernel/errors.ts'
import { parameterShapes } from './parameter-shapes.ts'

/** Shape of `data/simulator/params.json`: every number of the simulated world, each with its unit, status and source. */

type Shapes = typeof parameterShapes
export type ParameterName = keyof Shapes
export type Values = { readonly [K in ParameterName]: z.infer<Shapes[K]> }

/** S seen in a source, M measured by us, P our prior: an assumption. */
const about = { unit: z.string().min(1), status: z.enum(['S', 'M', 'P']), source: z.string().min(1) }
type Parameter<T extends z.ZodType> = z.ZodObject<{ value: T } & typeof about, z.core.$strict>

export const simulatorParamsSchema = z.strictObject({
  version: z.string(),
  source: z.string(),
  licence: z.string(),
  parameters: z.strictObject(
    Object.fromEntries(
      Object.entries(parameterShapes).map(([name, value]) => [name, z.strictObject({ value, ...about })]),
    ) as unknown as { [K in ParameterName]: Parameter<Shapes[K]> },
  ),
})
export type SimulatorParams = z.infer<typeof simulatorParamsSchema>

/** Checks a parsed file; a bad one is refused with all its faults at once. */
export function parseParams(json: unknown, knownCategories: ReadonlySet<string>): SimulatorParams {
  const parsed = simulatorParamsSchema.safeParse(json)
  const faultsFound = parsed.success
    ? unknownCategories(parsed.data, knownCategories)
    : parsed.error.issues.map((issue) => ({
        pointer: `/${issue.path.join('/')}`,
        code: issue.code as string,
        detail: issue.message,
      }))
  if (!parsed.success || faultsFound.length > 0) {
    throw new AppError('invalid', 'the parameters of the simulator are not what they must be', { errors: faultsFound })
  }
  return parsed.data
}

function unknownCategories({ parameters }: SimulatorParams, known: ReadonlySet<string>) {
  const faultsFound: { pointer: string; code: string; detail: string }[] = []
  const wanted = [...Object.keys(parameters.categories.value), parameters.unseenCategory.value]
  for (const id of wanted) {
    if (!known.has(id)) {
      faultsFound.push({ pointer: '/parameters/categories', code: 'unknown', detail: `there is no category ${id}` })
    }
    for (const name of tableNames) {
      if (Object.keys(parameters[name].value).some((prefix) => id.startsWith(prefix))) continue
      faultsFound.push({ pointer: `/parameters/${name}`, code: 'missing', detail: `no row fits ${id}` })
    }
  }
  return faultsFound
}

/** Parameters that have a row by category prefix. */
const tableNames = [
  'priceLog',
  'modelAge',
  'vendorReturnable',
  'warrantyDays',
  'rto',
  'opened',
  'incomplete',
  'newLogit',
  'wearLogit',
  'transitDamage',
  'faultLogit',
  'abuseLogit',
  'reasonBase',
  'scoreIncomplete',
  'priceLevel',
  'priceWear',
  'priceFault',
  'priceAge',
  'priceIncomplete',
  'priceSpread',
  'saleLog',
  'saleClass',
  'rereturnLogit',
  'repairCost',
  'repairSuccess',
] as const

/** The row of the longest prefix of `categoryId`. */
export function rowOf<T>(table: Readonly<Record<string, T>>, categoryId: string): T {
  const prefix = Object.keys(table)
    .filter((key) => categoryId.startsWith(key))
    .toSorted((a, b) => b.length - a.length)[0]
  if (prefix === undefined) throw new Error(`simulator: no row for ${categoryId}`)
  return table[prefix]!
}

export function plainValues(params: SimulatorParams): Values {
  return Object.fromEntries(
    Object.entries(params.parameters).map(([name, { value }]) => [name, value]),
  ) as unknown as Values
}
