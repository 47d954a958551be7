import { boosterKinds } from '#contracts/model-artefact.ts'
import type { BoosterData, BoosterInput, BoosterKind, ModelArtefact, TreeData } from '#contracts/model-artefact.ts'
import type { FeatureContract } from '#contracts/features.ts'
import { columnsHash } from '#integrations/inference/artefact.ts'

/** Models of random trees: the shape of a trained one, at any size. */

type Random = () => number

const integer = (random: Random, below: number): number => Math.floor(random() * below)

/** A value of a feature as rows hold it, now and then missing; a few values only, so that thresholds are hit exactly. */
export function randomValue(random: Random): number {
  if (random() < 0.15) return Number.NaN
  return random() < 0.3 ? integer(random, 6) : Math.fround(random() * 8 - 1)
}

type Asked = { readonly depth: number; readonly inputs: readonly BoosterInput[]; readonly contextShare: number }

export function randomTree(random: Random, { depth, inputs, contextShare }: Asked): TreeData {
  const tree: { [K in keyof TreeData]: number[] } = { f: [], t: [], l: [], r: [], d: [], v: [], c: [] }
  const leafCovers: number[] = []
  const contexts = inputs.flatMap((input, i) => ('context' in input ? [i] : []))
  const others = inputs.flatMap((input, i) => ('context' in input ? [] : [i]))
  const grow = (left: number, cover: number): number => {
    if (left === 0 || cover < 2 || (left < depth && random() < 0.12)) {
      leafCovers.push(cover)
      return ~(tree.v.push(random() - 0.5) - 1)
    }
    const isContext = contexts.length > 0 && random() < contextShare
    const list = isContext ? contexts : others
    const f = list[integer(random, list.length)]!
    const node = tree.f.push(f) - 1
    const t = isContext ? integer(random, 5) : randomValue(random)
    tree.t.push(Number.isNaN(t) ? 0.1 : t)
    tree.d.push(random() < 0.5 ? 1 : 0)
    tree.c.push(cover)
    tree.l.push(0)
    tree.r.push(0)
    const first = 1 + integer(random, cover - 1)
    tree.l[node] = grow(left - 1, first)
    tree.r[node] = grow(left - 1, cover - first)
    return node
  }
  grow(depth, 20_000)
  return { ...tree, c: [...tree.c, ...leafCovers] } as TreeData
}

export function randomBooster(
  random: Random,
  kind: BoosterKind,
  output: number | null,
  asked: Asked & { readonly trees: number },
): BoosterData {
  return {
    name: output === null ? kind : `${kind}_${output}`,
    kind,
    output,
    inputs: [...asked.inputs],
    init: random() - 0.5,
    link: boosterKinds[kind].link,
    monotone: asked.inputs.map(() => 0 as const),
    trees: Array.from({ length: asked.trees }, () => randomTree(random, asked)),
  }
}

type Size = { readonly trees: number; readonly depth: number }

/** A whole model: every booster that a prediction row needs. */
export function randomModel(random: Random, contract: FeatureContract, { trees, depth }: Size): ModelArtefact {
  const encodings: ModelArtefact['encodings'] = {
    reason_price: {
      feature: 'reason_code',
      values: Array.from({ length: 14 }, () => random()),
      missing: random(),
    },
    category_price: { feature: 'category_l2', values: Array.from({ length: 27 }, () => random()), missing: 0.5 },
  }
  const boosters = Object.entries(boosterKinds).flatMap(([name, { outputs, contexts }]) => {
    const inputs: BoosterInput[] = [
      ...contract.features.map(({ name: feature }) => ({ feature })),
      ...Object.keys(encodings).map((encoding) => ({ encoding })),
      ...contexts.map((context) => ({ context })),
    ]
    const asked = { depth, inputs, trees, contextShare: 0.25 }
    return Array.from({ length: outputs }, (_, output) =>
      randomBooster(random, name as BoosterKind, outputs === 1 ? null : output, asked),
    )
  })
  return {
    id: 'random',
    version: '1',
    contract: contract.name,
    contractHash: contract.hash,
    columnsHash,
    trainedOn: 'nothing',
    dataHash: '',
    createdAt: '2026-11-01T00:00:00Z',
    encodings,
    boosters,
    calibration: {
      grade: { scale: [1, 0.9, 1.1, 1, 1], shift: [0, 0.1, 0, -0.1, 0], isotonic: null },
      sale: { kind: 'none' },
      repair_need: { kind: 'platt', scale: 0.8, shift: 0.1 },
      repair_success: { kind: 'isotonic', x: [0, 0.5, 1], y: [0.05, 0.6, 0.98] },
      rereturn: { kind: 'none' },
      abuse: { kind: 'none' },
      price: [
        { group: '|', n: 900, widen: 0.02 },
        { group: '|parts', n: 400, widen: 0.3 },
        { group: 'electronics|secondary', n: 300, widen: -0.01 },
      ],
      repair_cost: [{ group: '|', n: 900, widen: 0.05 }],
    },
    sale_shape: [-0.1, -0.2, -0.3],
    decay: { default: 0.0005, byCategoryTier: { 'electronics|': 0.0014, 'electronics.mobile|premium': 0.0012 } },
    depth_elasticity: 0.15,
  }
}

/** Rows of the contract: what a code may be where there are codes, NaN here and there, the grade known in half of them. */
export function randomRows(random: Random, contract: FeatureContract, count: number): Float32Array {
  const rows = new Float32Array(count * contract.features.length)
  for (let i = 0; i < count; i++) {
    contract.features.forEach((feature, f) => {
      const at = i * contract.features.length + f
      if (feature.name === 'grade') rows[at] = i % 2 === 0 ? Number.NaN : integer(random, 5)
      else if ('values' in feature) rows[at] = random() < 0.1 ? Number.NaN : integer(random, feature.values.length)
      else rows[at] = randomValue(random)
    })
  }
  return rows
}
