import {
  type EsgAmount,
  type EsgCredit,
  type EsgFactorUse,
  type EsgGap,
  type EsgMethod,
  type EsgPart,
  type EsgScope,
  esgParts,
} from '#contracts/esg.ts'
import type { EsgFactor } from '#contracts/reference.ts'
import { hash32 } from '#kernel/random.ts'
import { type EsgInput, formulaOf } from './esg-formula.ts'
import { drawRanges, pointOf } from './esg-uncertainty.ts'
import { displacementOf } from './esg-variables.ts'

export type { EsgInput, EsgLeg } from './esg-formula.ts'

/** Exact kilograms CO2e. */
export type EsgFigure = {
  readonly kg: number
  readonly p05: number
  readonly p95: number
  readonly quality: number
}

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

const inventoryParts = ['transport', 'hub', 'treatment'] as const

/** Measures one unit in exact numbers; null when nothing is to be credited. */
export function measureEsg(
  input: EsgInput,
  factors: ReadonlyMap<string, EsgFactor>,
  method: EsgMethod,
): EsgFigures | null {
  if (input.execution !== 'done' || !method.fates[input.disposition].isCredited) return null
  const formula = formulaOf(input, factors, method)
  const { variables, terms } = formula
  const drawn = drawRanges(
    hash32(input.dispositionId),
    variables,
    esgParts.map((part) => ({ terms: terms[part] ?? [], isTotalled: part !== 'avoided' })),
  )
  const figure = (part: EsgPart): EsgFigure | null => {
    const known = terms[part]
    if (!known) return null
    const quality = Math.max(1, ...known.flatMap((term) => term.variables.map((at) => variables[at]!.quality)))
    return { kg: pointOf(known, variables), ...drawn.parts[esgParts.indexOf(part)]!, quality }
  }
  const transport = figure('transport')
  const hub = figure('hub')
  const treatment = figure('treatment')
  const inventory = transport &&
    hub &&
    treatment && {
      kg: transport.kg + hub.kg + treatment.kg,
      ...drawn.total,
      quality: Math.max(transport.quality, hub.quality, treatment.quality),
    }
  return {
    inventory,
    transport,
    transportByOthersKg: pointOf(formula.transportByOthers, variables),
    hub,
    treatment,
    avoided: figure('avoided'),
    factors: formula.uses,
    gaps: formula.gaps,
  }
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
  const bases = uses.flatMap(
    ({ factorId }) => method.sources.find(({ prefix }) => factorId.startsWith(prefix))?.gwp ?? [],
  )
  return [...new Set(bases)].toSorted()
}
