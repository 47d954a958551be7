import type { FactorChoice } from '#contracts/esg.ts'
import type { Reference } from '#contracts/reference.ts'

/** What the data files say of one another that is not so: an id that stands nowhere, a factor without a source row. */
export function referenceFaults(reference: Omit<Reference, 'versions' | 'rubricsByRevision'>): string[] {
  const { factors, method } = reference.esg
  const faults: string[] = []
  const checkFactor = (where: string, factorId: string | null) => {
    if (factorId !== null && !factors.has(factorId)) faults.push(`${where} names the unknown factor ${factorId}`)
  }
  const checkChoices = (where: string, choices: Readonly<Record<string, FactorChoice>>) => {
    for (const [key, choice] of Object.entries(choices)) checkFactor(`${where} of ${key}`, choice.factorId)
  }

  for (const category of reference.categories.values()) {
    checkFactor(`category ${category.id}`, category.productFactorId)
    checkFactor(`category ${category.id}`, category.materialFactorId)
    if (!reference.rubrics.has(category.rubricId)) {
      faults.push(`category ${category.id} names the unknown rubric ${category.rubricId}`)
    }
  }
  for (const [mode, { factorIds }] of Object.entries(method.transport)) {
    for (const factorId of factorIds ?? []) checkFactor(`transport by ${mode}`, factorId)
  }
  checkFactor('hub', method.hub.gridFactorId)
  checkChoices('recycling', method.treatment.recycling)
  checkChoices('incineration', method.treatment.incineration)
  checkChoices('landfill', method.treatment.landfill)
  checkChoices('recycling credit', method.recycling.byStream)
  checkChoices('recycling credit', method.recycling.byMaterial)
  for (const factor of factors.values()) {
    if (!method.sources.some(({ prefix }) => factor.id.startsWith(prefix))) {
      faults.push(`the ESG method has no source row for ${factor.id}`)
    }
  }

  // The decision engine keeps sums of factors at hand; they must be those of the table.
  const { van, lorry, grid, waste, products, materials } = reference.decision.emissions
  const sums = [van, lorry, grid, ...Object.values(waste).flatMap(({ recycle, destroy }) => [recycle, destroy])]
  const single = Object.entries({ ...products, ...materials }).map(([id, kgPerUnit]) => ({
    factorIds: [id],
    kgPerUnit,
  }))
  for (const sum of [...sums, ...single]) {
    if (sum === null) continue
    const kg = sum.factorIds.reduce((total, id) => total + (factors.get(id)?.kgco2ePerUnit ?? Number.NaN), 0)
    if (!(Math.abs(kg - sum.kgPerUnit) < 1e-9)) {
      faults.push(`decision/emissions.json has ${sum.kgPerUnit} for ${sum.factorIds.join(' + ')}, the table ${kg}`)
    }
  }
  return faults
}
