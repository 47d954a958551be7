import type { Disposition, Execution, Grade } from '#contracts/codes.ts'
import type {
  Assumed,
  EsgFactorUse,
  EsgGap,
  EsgMethod,
  EsgPart,
  FactorChoice,
  LegMode,
  WasteStream,
} from '#contracts/esg.ts'
import type { EsgFactor } from '#contracts/reference.ts'
import type { Term } from './esg-uncertainty.ts'
import { assumptionVariable, displacementOf, factorVariable, massVariable, type Variable } from './esg-variables.ts'

/** One way by road, rail or air. `km` null: it happened, but how far is not known. */
export type EsgLeg = { readonly km: number | null; readonly mode: LegMode; readonly isPaidByOthers?: boolean }

export type EsgInput = {
  /** Seeds the draws: the same disposition gives the same intervals on replay. */
  readonly dispositionId: string
  readonly disposition: Disposition
  /** Only a `done` one is credited. */
  readonly execution: Execution
  readonly category: {
    readonly productFactorId: string | null
    readonly materialFactorId: string | null
    readonly wasteStream: WasteStream
  }
  readonly massKg: number
  readonly massSource: 'measured' | 'catalogue' | 'category'
  /** No leg at all means that the ways are not known; a unit handed in at the hub has one leg of 0 km. */
  readonly legs: readonly EsgLeg[]
  readonly grade: Grade | null
  /** False while the goods are still the customer's: what we discard then is waste of sold products. */
  readonly isOwned: boolean
}

/** Terms of one part, or null (with its gap recorded) when it can't be computed. No terms: nothing happens, so exactly zero. */
export type Terms = readonly Term[] | null

export type Formula = {
  readonly variables: readonly Variable[]
  readonly uses: readonly EsgFactorUse[]
  readonly gaps: readonly EsgGap[]
  readonly terms: Readonly<Record<EsgPart, Terms>>
  /** Those of the transport terms that others pay for. */
  readonly transportByOthers: readonly Term[]
}

/** What is written down while the formula of one unit is set up. */
type Sheet = {
  readonly input: EsgInput
  readonly factors: ReadonlyMap<string, EsgFactor>
  readonly method: EsgMethod
  readonly variables: Variable[]
  readonly uses: EsgFactorUse[]
  readonly gaps: EsgGap[]
}

const MASS = 0

function addGap(sheet: Sheet, part: EsgPart, code: string, detail: string): null {
  sheet.gaps.push({ part, code, detail })
  return null
}

/** Records the use and returns the variable's place; a variable used twice is one variable. */
function addUse(sheet: Sheet, part: EsgPart, variable: Variable, amount: number | null): number {
  const { id, version, value, low, high, quality } = variable
  sheet.uses.push({ part, factorId: id, version, value, low, high, quality, amount })
  const known = sheet.variables.findIndex((other) => other.id === id)
  return known >= 0 ? known : sheet.variables.push(variable) - 1
}

function useFactor(sheet: Sheet, part: EsgPart, factorId: string, amount: number): number | null {
  const variable = factorVariable(sheet.factors, sheet.method, factorId)
  if (variable) return addUse(sheet, part, variable, amount)
  return addGap(sheet, part, 'factor_missing', `no factor ${factorId} in table ${sheet.method.factorsVersion}`)
}

function useAssumption(sheet: Sheet, part: EsgPart, name: string, assumed: Assumed): number {
  return addUse(sheet, part, assumptionVariable(sheet.method, name, assumed), null)
}

function useChoice(sheet: Sheet, part: EsgPart, choice: FactorChoice, amount: number): number | null {
  if (choice.factorId === null) return addGap(sheet, part, 'no_factor', choice.gap)
  return useFactor(sheet, part, choice.factorId, amount)
}

/** Kilometres by mode, ours and others'; null when one of them is not known. */
function kmByMode(sheet: Sheet): Map<LegMode, { ours: number; others: number }> | null {
  const { legs } = sheet.input
  if (legs.length === 0) return addGap(sheet, 'transport', 'legs_unknown', 'where the unit travelled is not known')
  const sums = new Map<LegMode, { ours: number; others: number }>()
  for (const { km, mode, isPaidByOthers } of legs) {
    if (km === null) {
      return addGap(sheet, 'transport', 'distance_unknown', `the distance of a leg by ${mode} is not known`)
    }
    if (!(km >= 0 && Number.isFinite(km))) throw new Error(`not a distance in km: ${km}`)
    const sum = sums.get(mode) ?? { ours: 0, others: 0 }
    sum[isPaidByOthers ? 'others' : 'ours'] += km
    sums.set(mode, sum)
  }
  return sums
}

function transportTerms(sheet: Sheet): { readonly all: Terms; readonly byOthers: readonly Term[] } {
  const modes = kmByMode(sheet)
  if (!modes) return { all: null, byOthers: [] }
  const ours: Term[] = []
  const others: Term[] = []
  let isKnown = true
  for (const [mode, km] of modes) {
    const choice = sheet.method.transport[mode]
    if (choice.factorIds === null) addGap(sheet, 'transport', 'no_factor', choice.gap)
    isKnown &&= choice.factorIds !== null
    for (const factorId of choice.factorIds ?? []) {
      const tonneKm = (sheet.input.massKg / 1000) * (km.ours + km.others)
      const factor = useFactor(sheet, 'transport', factorId, tonneKm)
      isKnown &&= factor !== null
      if (factor === null) continue
      ours.push({ coefficient: km.ours / 1000, variables: [MASS, factor] })
      if (km.others > 0) others.push({ coefficient: km.others / 1000, variables: [MASS, factor] })
    }
  }
  return isKnown ? { all: [...ours, ...others], byOthers: others } : { all: null, byOthers: [] }
}

function hubTerms(sheet: Sheet): Terms {
  const { kwhPerUnit, gridFactorId } = sheet.method.hub
  const kwh = useAssumption(sheet, 'hub', 'hub.kwhPerUnit', kwhPerUnit)
  const grid = useFactor(sheet, 'hub', gridFactorId, kwhPerUnit.value)
  return grid === null ? null : [{ coefficient: 1, variables: [kwh, grid] }]
}

function treatmentTerms(sheet: Sheet): Terms {
  const { input, method } = sheet
  const { fate, treatedShare } = method.fates[input.disposition]
  if (treatedShare === 0 || fate === 'reuse' || fate === 'returned') return []
  const boundary = method.treatment.boundaries[fate]
  if (boundary) addGap(sheet, 'treatment', boundary.code, boundary.detail)
  const choice = method.treatment[fate][input.category.wasteStream]
  const factor = useChoice(sheet, 'treatment', choice, input.massKg * treatedShare)
  return factor === null ? null : [{ coefficient: treatedShare, variables: [MASS, factor] }]
}

function recycledTerms(sheet: Sheet): Terms {
  const { materialFactorId, wasteStream } = sheet.input.category
  const { byMaterial, byStream } = sheet.method.recycling
  const choice = (materialFactorId === null ? undefined : byMaterial[materialFactorId]) ?? byStream[wasteStream]
  const factor = useChoice(sheet, 'avoided', choice, sheet.input.massKg)
  return factor === null ? null : [{ coefficient: -1, variables: [MASS, factor] }]
}

function displacedTerms(sheet: Sheet): Terms {
  const { category, disposition, massKg } = sheet.input
  const factorId = category.productFactorId ?? category.materialFactorId
  if (factorId === null) {
    const detail = 'no footprint of making such a product, nor of its material, is known'
    return addGap(sheet, 'avoided', 'no_factor', detail)
  }
  const isItem = category.productFactorId !== null
  const share = useAssumption(
    sheet,
    'avoided',
    `displacement.${disposition}`,
    displacementOf(sheet.method, disposition),
  )
  const made = useFactor(sheet, 'avoided', factorId, isItem ? 1 : massKg)
  return made === null ? null : [{ coefficient: 1, variables: isItem ? [share, made] : [share, MASS, made] }]
}

function reworkTerms(sheet: Sheet): Terms {
  const { input, method } = sheet
  const { dispositions, kwhPerUnit, timesByGrade, boundary } = method.rework
  if (!dispositions.includes(input.disposition)) return []
  addGap(sheet, 'avoided', boundary.code, boundary.detail)
  const times = (input.grade === null ? undefined : timesByGrade[input.grade]) ?? 1
  const kwh = useAssumption(sheet, 'avoided', 'rework.kwhPerUnit', kwhPerUnit)
  const grid = useFactor(sheet, 'avoided', method.hub.gridFactorId, kwhPerUnit.value * times)
  return grid === null ? null : [{ coefficient: -times, variables: [kwh, grid] }]
}

function avoidedTerms(sheet: Sheet): Terms {
  const { disposition } = sheet.input
  if (disposition === 'recycle') return recycledTerms(sheet)
  if (sheet.method.displacement.shares[disposition] === 0) return []
  const displaced = displacedTerms(sheet)
  const rework = reworkTerms(sheet)
  return displaced && rework && [...displaced, ...rework]
}

/** Sets up the sums of one unit: legs, hub electricity and treatment; apart from them, what was avoided. */
export function formulaOf(input: EsgInput, factors: ReadonlyMap<string, EsgFactor>, method: EsgMethod): Formula {
  if (!(input.massKg > 0 && Number.isFinite(input.massKg))) throw new Error(`not a mass in kg: ${input.massKg}`)
  const mass = massVariable(method, input.massKg, input.massSource)
  const sheet: Sheet = { input, factors, method, variables: [mass], uses: [], gaps: [] }
  const transport = transportTerms(sheet)
  const terms = {
    transport: transport.all,
    hub: hubTerms(sheet),
    treatment: treatmentTerms(sheet),
    avoided: avoidedTerms(sheet),
  }
  return { ...sheet, terms, transportByOthers: transport.byOthers }
}
