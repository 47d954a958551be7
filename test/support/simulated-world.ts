import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openLaboratory } from '#app/laboratory.ts'
import { parseParams, type SimulatorParams } from '#lab/simulator/params.ts'
import { simulateUnit, type SimulatedUnit } from '#lab/simulator/simulate-unit.ts'
import { openWorld } from '#lab/simulator/world-model.ts'

/** The laboratory on the reference data that ship, with the parameters of the simulator that ship. */
export const laboratory = await openLaboratory(fileURLToPath(new URL('../../data', import.meta.url)))
export const shippedJson = (): { parameters: Record<string, { value: unknown }> } =>
  JSON.parse(readFileSync(laboratory.paramsFile, 'utf8')) as { parameters: Record<string, { value: unknown }> }
export const known = new Set(laboratory.ground.categories.keys())
export const shipped: SimulatorParams = parseParams(shippedJson(), known)

export const worldOf = (seed: number, params = shipped) => openWorld(laboratory.ground, params, seed)
export const world = worldOf(7)

export function unitsOf(count: number, using = world): SimulatedUnit[] {
  return Array.from({ length: count }, (_, i) => simulateUnit(using, 'test', i))
}
