import type { Disposition, Execution, Grade } from '#contracts/codes.ts'
import type {
  EsgAmount, EsgCredit, EsgFactorUse, EsgGap, EsgMethod, EsgPart, EsgScope, FactorChoice, LegMode, WasteStream,
} from '#contracts/esg.ts'
import type { EsgFactor } from '#contracts/reference.ts'
import { hash32 } from '#kernel/random.ts'
import { drawRanges, pointOf, type Term } from './esg-uncertainty.ts'
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

/** Exact kilograms CO2e. */
export type EsgFigure = { readonly kg: number; readonly p05: number; readonly p95: number; readonly quality: number }

export type EsgFigures = {
  readonly inventory: EsgFigure | null
  readonly transport: EsgFigure | null
  /** The share of transport that others pay for. */
  readonly transportByOthersKg: number
  readonly hub: EsgFigure | null
  readonly treatment: EsgFigure | null
  readonly avoided: EsgFigure | null
  readonly factors: readonly EsgFactorUse[]
  readonly gaps: readonly EsgGap[]
}

type Formula = {
  readonly variables: Variable[]
  readonly uses: EsgFactorUse[]
  readonly gaps: EsgGap[]
}

function addVariable(formula: Formula, variable: Variable): number {
  const known = formula.variables.findIndex(({ id }) => id === variable.id)
  return known >= 0 ? known : formula.variables.push(variable) - 1
}

function recordUse(formula: Formula, part: EsgPart, variable: Variable, amount: number | null): void {
  const { id, version, value, low, high, quality } = variable
  formula.uses.push({ part, factorId: id, version, value, low, high, quality, amount })
}

function addGap(formula: Formula, part: EsgPart, code: string, detail: string): null {
  formula.gaps.push({ part, code, detail })
  return null
}

/** Terms of one part, or null (with its gap recorded) when it can't be computed. */
type Terms = readonly Term[] | null

/** Measures one unit in exact numbers; null when nothing is to be credited. */
export function measureEsg(
  input: EsgInput,
  factors: ReadonlyMap<string, EsgFactor>,
  method: EsgMethod,
): EsgFigures | null {
  if (input.execution !== 'done' || !method.fates[input.disposition].isCredited) return null
  if (!(input.massKg > 0 && Number.isFinite(input.massKg))) throw new Error(`not a mass in kg: ${input.massKg}`)

  const formula: Formula = { variables: [massVariable(method, input.massKg, input.massSource)], uses: [], gaps: [] }
  const MASS = 0

  /** The factor's place among the variables; `amount` is the activity in the factor's unit, for the record. */
  const use = (part: EsgPart, factorId: string, amount: number): number | null => {
    const variable = factorVariable(factors, method, factorId)
    if (!variable) return addGap(formula, part, 'factor_missing', `no factor ${factorId} in table ${method.factorsVersion}`)
    recordUse(formula, part, variable, amount)
    return addVariable(formula, variable)
  }
  const assume = (part: EsgPart, name: string, assumed: { value: number; low: number; high: number }): number => {
    const variable = assumptionVariable(method, name, assumed)
    recordUse(formula, part, variable, null)
    return addVariable(formula, variable)
  }
  const choose = (part: EsgPart, choice: FactorChoice, amount: number): number | null =>
    choice.factorId === null
      ? addGap(formula, part, 'no_factor', choice.gap)
      : use(part, choice.factorId, amount)

  const transportOf = (legs: readonly EsgLeg[]): Terms => {
    if (legs.length === 0) return addGap(formula, 'transport', 'legs_unknown', 'where the unit travelled is not known')
    const kmByMode = new Map<LegMode, number>()
    for (const { km, mode } of legs) {
      if (km === null) return addGap(formula, 'transport', 'distance_unknown', `the distance of a leg by ${mode} is not known`)
      if (!(km >= 0 && Number.isFinite(km))) throw new Error(`not a distance in km: ${km}`)
      kmByMode.set(mode, (kmByMode.get(mode) ?? 0) + km)
    }
    const terms: Term[] = []
    let isKnown = true
    for (const [mode, km] of kmByMode) {
      const choice = method.transport[mode]
      if (choice.factorIds === null) {
        addGap(formula, 'transport', 'no_factor', choice.gap)
        isKnown = false
        continue
      }
      for (const factorId of choice.factorIds) {
        const place = use('transport', factorId, (input.massKg / 1000) * km)
        if (place === null) isKnown = false
        else terms.push({ coefficient: km / 1000, variables: [MASS, place] })
      }
    }
    return isKnown ? terms : null
  }

  const hubOf = (): Terms => {
    const kwh = assume('hub', 'hub.kwhPerUnit', method.hub.kwhPerUnit)
    const grid = use('hub', method.hub.gridFactorId, method.hub.kwhPerUnit.value)
    return grid === null ? null : [{ coefficient: 1, variables: [kwh, grid] }]
  }

  const treatmentOf = (): Terms => {
    const { fate, treatedShare } = method.fates[input.disposition]
    if (treatedShare === 0 || fate === 'reuse' || fate === 'returned') return []
    const boundary = method.treatment.boundaries[fate]
    if (boundary) addGap(formula, 'treatment', boundary.code, boundary.detail)
    const place = choose(
      'treatment',
      method.treatment[fate][input.category.wasteStream],
      input.massKg * treatedShare,
    )
    return place === null ? null : [{ coefficient: treatedShare, variables: [MASS, place] }]
  }

  const recycledOf = (): Terms => {
    const { materialFactorId, wasteStream } = input.category
    const byMaterial = materialFactorId === null ? undefined : method.recycling.byMaterial[materialFactorId]
    const place = choose('avoided', byMaterial ?? method.recycling.byStream[wasteStream], input.massKg)
    return place === null ? null : [{ coefficient: -1, variables: [MASS, place] }]
  }

  const displacedOf = (): Terms => {
    const { productFactorId, materialFactorId } = input.category
    const factorId = productFactorId ?? materialFactorId
    if (factorId === null) {
      return addGap(formula, 'avoided', 'no_factor', 'no footprint of making such a product, nor of its material, is known')
    }
    const isItem = productFactorId !== null
    const phi = assume('avoided', `displacement.${input.disposition}`, displacementOf(method, input.disposition))
    const made = use('avoided', factorId, isItem ? 1 : input.massKg)
    return made === null ? null : [{ coefficient: 1, variables: isItem ? [phi, made] : [phi, MASS, made] }]
  }

  const reworkOf = (): Terms => {
    const { dispositions, kwhPerUnit, timesByGrade, boundary } = method.rework
    if (!dispositions.includes(input.disposition)) return []
    addGap(formula, 'avoided', boundary.code, boundary.detail)
    const times = (input.grade === null ? undefined : timesByGrade[input.grade]) ?? 1
    const kwh = assume('avoided', 'rework.kwhPerUnit', kwhPerUnit)
    const grid = use('avoided', method.hub.gridFactorId, kwhPerUnit.value * times)
    return grid === null ? null : [{ coefficient: -times, variables: [kwh, grid] }]
  }

  const avoidedOf = (): Terms => {
    if (input.disposition === 'recycle') return recycledOf()
    if (method.displacement.shares[input.disposition] === 0) return []
    const displaced = displacedOf()
    const rework = reworkOf()
    return displaced && rework && [...displaced, ...rework]
  }

  const terms = { transport: transportOf(input.legs), hub: hubOf(), treatment: treatmentOf(), avoided: avoidedOf() }
  const byOthersKg = input.legs.reduce((sum, leg) => sum + (leg.isPaidByOthers ? travelledKg(input, leg, factors, method) : 0), 0)
  return { ...drawFigures(input, formula, terms), transportByOthersKg: byOthersKg, factors: formula.uses, gaps: formula.gaps }
}

function travelledKg(
  input: EsgInput,
  leg: EsgLeg,
  factors: ReadonlyMap<string, EsgFactor>,
  method: EsgMethod,
): number {
  const perTonneKm = (method.transport[leg.mode].factorIds ?? []).reduce(
    (sum, id) => sum + (factors.get(id)?.kgco2ePerUnit ?? 0),
    0,
  )
  return (input.massKg / 1000) * (leg.km ?? 0) * perTonneKm
}

const inventoryParts = ['transport', 'hub', 'treatment'] as const

function drawFigures(
  input: EsgInput,
  formula: Formula,
  terms: Readonly<Record<EsgPart, Terms>>,
): Pick<EsgFigures, 'inventory' | EsgPart> {
  const order = [...inventoryParts, 'avoided'] as const
  const drawn = drawRanges(
    hash32(input.dispositionId),
    formula.variables,
    order.map((part) => ({ terms: terms[part] ?? [], isTotalled: part !== 'avoided' })),
  )
  const figures = order.map((part, place): EsgFigure | null => {
    const known = terms[part]
    if (!known) return null
    const quality = Math.max(1, ...known.flatMap((term) => term.variables.map((at) => formula.variables[at]!.quality)))
    return { kg: pointOf(known, formula.variables), ...drawn.parts[place]!, quality }
  })
  const [transport, hub, treatment, avoided] = figures as [
    EsgFigure | null, EsgFigure | null, EsgFigure | null, EsgFigure | null,
  ]
  const inventory = transport && hub && treatment && {
    kg: transport.kg + hub.kg + treatment.kg,
    ...drawn.total,
    quality: Math.max(transport.quality, hub.quality, treatment.quality),
  }
  return { inventory, transport, hub, treatment, avoided }
}

function grams(kg: number): number {
  return Math.round(kg * 1000) || 0
}

function amountOf(figure: EsgFigure | null, pointGrams: number): EsgAmount | null {
  if (!figure) return null
  return {
    grams: pointGrams,
    p05: Math.min(grams(figure.p05), pointGrams),
    p95: Math.max(grams(figure.p95), pointGrams),
    quality: figure.quality,
  }
}

function scopesOf(input: EsgInput, method: EsgMethod, figures: EsgFigures): EsgScope[] {
  const { scopes } = method
  const scopesKnown: EsgScope[] = []
  const addGrams = (scope: number, category: number | null, amount: number) => {
    if (amount !== 0) scopesKnown.push({ scope, category, grams: amount })
  }
  if (figures.transport) {
    const byOthers = grams(figures.transportByOthersKg)
    addGrams(3, scopes.transportOurs, grams(figures.transport.kg) - byOthers)
    addGrams(3, scopes.transportOthers, byOthers)
  }
  if (figures.hub) addGrams(scopes.hub, null, grams(figures.hub.kg))
  if (figures.treatment) {
    addGrams(3, input.isOwned ? scopes.wasteOurs : scopes.wasteOfSoldProducts, grams(figures.treatment.kg))
  }
  return scopesKnown
}

/** The credit of one executed disposition as it is stored: whole grams. Null when it is cancelled, reversed or on hold. */
export function creditEsg(
  input: EsgInput,
  factors: ReadonlyMap<string, EsgFactor>,
  method: EsgMethod,
): EsgCredit | null {
  const figures = measureEsg(input, factors, method)
  if (!figures) return null
  const part = (name: EsgPart) => amountOf(figures[name], grams(figures[name]?.kg ?? 0))
  // The stored total is the sum of the stored parts, so that a column adds up to the gram.
  const totalGrams = inventoryParts.reduce((sum, name) => sum + grams(figures[name]?.kg ?? 0), 0)
  const massGrams = Math.max(1, grams(input.massKg))
  const { fate } = method.fates[input.disposition]
  const isDisposed = fate === 'incineration' || fate === 'landfill'
  const { value: share, low, high } = displacementOf(method, input.disposition)
  return {
    methodVersion: method.version,
    factorsVersion: method.factorsVersion,
    disposition: input.disposition,
    wasteStream: input.category.wasteStream,
    fate,
    massGrams,
    massSource: input.massSource,
    divertedGrams: isDisposed ? 0 : massGrams,
    disposedGrams: isDisposed ? massGrams : 0,
    inventory: amountOf(figures.inventory, totalGrams),
    transport: part('transport'),
    hub: part('hub'),
    treatment: part('treatment'),
    avoided: part('avoided'),
    displacement: { share, low, high },
    scopes: scopesOf(input, method, figures),
    gwpBases: gwpBasesOf(figures.factors, method),
    factors: [...figures.factors],
    gaps: [...figures.gaps],
  }
}

function gwpBasesOf(uses: readonly EsgFactorUse[], method: EsgMethod): string[] {
  const bases = uses.flatMap(({ factorId }) => method.sources.find(({ prefix }) => factorId.startsWith(prefix))?.gwp ?? [])
  return [...new Set(bases)].toSorted()
}
