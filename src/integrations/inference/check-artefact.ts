import type { FeatureContract } from '#contracts/features.ts'
import { artefactLimits, boosterKinds } from '#contracts/model-artefact.ts'
import type { BoosterData, Knots, ModelArtefact, ProbabilityMap, TreeData } from '#contracts/model-artefact.ts'

/** What is wrong with a model that has the right shape; empty when it can be walked and tells every output. */
export function artefactFaults(artefact: ModelArtefact, contract: FeatureContract): string[] {
  const features = new Set(contract.features.map((feature) => feature.name))
  const faults: string[] = []
  const inputCount = features.size + Object.keys(artefact.encodings).length
  if (inputCount > artefactLimits.inputs) faults.push(`${inputCount} inputs, more than ${artefactLimits.inputs}`)
  for (const [name, { feature }] of Object.entries(artefact.encodings)) {
    if (!features.has(feature)) faults.push(`encoding ${name}: the contract has no feature ${feature}`)
  }
  for (const booster of artefact.boosters) {
    for (const fault of boosterFaults(booster, artefact, features)) faults.push(`booster ${booster.name}: ${fault}`)
  }
  for (const [kind, { outputs }] of Object.entries(boosterKinds)) {
    const found = artefact.boosters.filter((booster) => booster.kind === kind).map((booster) => booster.output ?? 0)
    const isComplete = found.length === outputs && new Set(found).size === outputs && found.every((o) => o < outputs)
    if (!isComplete)
      faults.push(`${kind}: ${outputs} boosters are needed, each of its own output; got ${found.join(', ')}`)
  }
  const { calibration } = artefact
  for (const kind of ['sale', 'repair_need', 'repair_success', 'rereturn', 'abuse'] as const) {
    if (!isSoundMap(calibration[kind])) faults.push(`calibration of ${kind}: knots must rise`)
  }
  if (calibration.grade.isotonic?.every(isRising) === false) faults.push('calibration of grade: knots must rise')
  return faults
}

function isRising({ x, y }: Knots): boolean {
  return x.length === y.length && x.every((value, i) => i === 0 || (value > x[i - 1]! && y[i]! >= y[i - 1]!))
}

/** A falling map would turn a model's ranking round. */
function isSoundMap(map: ProbabilityMap): boolean {
  if (map.kind === 'isotonic') return isRising(map) && map.y.every((y) => y >= 0 && y <= 1)
  return map.kind === 'none' || map.scale > 0
}

function boosterFaults(booster: BoosterData, artefact: ModelArtefact, features: ReadonlySet<string>): string[] {
  const faults: string[] = []
  const { link, contexts } = boosterKinds[booster.kind]
  if (booster.link !== link) faults.push(`link ${booster.link}, where ${booster.kind} has ${link}`)
  if (booster.monotone.length !== booster.inputs.length) faults.push('one monotone mark for each input is needed')
  for (const input of booster.inputs) {
    const isKnown =
      'feature' in input
        ? features.has(input.feature)
        : 'encoding' in input
          ? Object.hasOwn(artefact.encodings, input.encoding)
          : (contexts as readonly string[]).includes(input.context)
    if (!isKnown) faults.push(`unknown input ${JSON.stringify(input)}`)
  }
  booster.trees.forEach((tree, i) => {
    const fault = treeFault(tree, booster.inputs.length)
    if (fault !== null) faults.push(`tree ${i}: ${fault}`)
  })
  return faults
}

function treeFault(tree: TreeData, inputCount: number): string | null {
  const { f, t, l, r, d, v, c } = tree
  const count = f.length
  if ([t, l, r, d].some((list) => list.length !== count)) return 'f, t, l, r and d differ in length'
  if (v.length !== count + 1) return `${count} splits make ${count + 1} leaves, not ${v.length}`
  if (c.length !== count + v.length) return 'one cover for each node and leaf is needed'
  if (f.some((input) => input >= inputCount)) return 'a split on an input that is not there'
  const coverOf = (child: number) => c[child >= 0 ? child : count + ~child]!
  // Each node and leaf must be reached once: no cycle, nothing shared, nothing left over.
  const seen = new Uint8Array(count + v.length)
  const stack: [number, number][] = [[count === 0 ? ~0 : 0, 0]]
  let reached = 0
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const [node, depth] = top
    const place = node >= 0 ? node : count + ~node
    if (place >= seen.length || (node >= 0 && node >= count)) return `no such node: ${node}`
    if (seen[place] === 1) return `node ${node} is reached twice`
    if (depth > artefactLimits.depth) return `deeper than ${artefactLimits.depth}`
    seen[place] = 1
    reached++
    if (node < 0) continue
    stack.push([r[node]!, depth + 1], [l[node]!, depth + 1])
  }
  if (reached < seen.length) return `${seen.length - reached} nodes are never reached`
  const node = f.findIndex((_, i) => !(Math.abs(coverOf(l[i]!) + coverOf(r[i]!) - c[i]!) <= 1e-6 * c[i]!))
  return node < 0 ? null : `cover of node ${node} is not that of its children`
}
