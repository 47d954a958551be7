import type { ModelInfo } from '#contracts/model-registry.ts'
import type { Context } from '#context.ts'
import type { InferenceInfo } from '#integrations/inference/port.ts'
import type { RegisteredModel } from '#integrations/model-registry/port.ts'
import { readShadow } from './shadow/shadow-store.ts'

type ShowContext = Pick<Context, 'db' | 'inference' | 'models' | 'reference' | 'log'>

/** Every engine that answers decisions, best first, then every registered version that does not. */
export async function showModels(ctx: ShowContext): Promise<ModelInfo[]> {
  const registered = await ctx.models.registry.list().catch((error: unknown) => {
    ctx.log.warn({ err: error, registry: ctx.models.registry.engine }, 'the model registry does not answer')
    return []
  })
  const shadows = new Map((await readShadow(ctx.db)).map((report) => [report.modelVersion, report]))
  const { version: embedded, refused } = ctx.models.serving()
  const engines = ctx.inference.info()
  const first = engines.find(({ state }) => state === undefined || state.breaker === 'closed')
  const serving = engines.map((info) => {
    const version = info.level === 'L1' ? embedded : null
    const model = registered.find((each) => each.version === version)
    return shown(ctx, {
      ...(model === undefined ? {} : registeredFacts(model)),
      engine: info.engine,
      level: info.level,
      version: version ?? info.modelVersion,
      isServing: info === first,
      description: descriptions[info.level],
      trouble: troubleOf(info),
    })
  })
  const waiting = registered
    .filter((model) => !serving.some(({ level, version }) => level === 'L1' && version === model.version))
    .map((model) =>
      shown(ctx, {
        ...registeredFacts(model),
        engine: 'trees',
        level: 'L1',
        version: model.version,
        isServing: false,
        description: `Registered, trained on ${model.trainedOn}`,
        trouble: refused?.version === model.version ? refused.why : null,
      }),
    )
  const rules = shown(ctx, {
    engine: 'rules',
    level: 'L3',
    version: ctx.reference.decision.policy.version,
    isServing: false,
    description: descriptions.L3,
    trouble: null,
  })
  return [...serving, rules, ...waiting].map((info) => ({ ...info, shadow: shadows.get(info.version) ?? null }))
}

const descriptions = {
  L0: 'Model server across the network, asked first',
  L1: 'Trained trees in this process',
  L2: 'Means and spreads by category, grade and route, shrunk to their parents',
  L3: 'Rules alone, when no table or model can answer; always asks for a person',
} as const

function registeredFacts(model: RegisteredModel) {
  return { metrics: { ...model.metrics }, aliases: [...model.aliases], registeredAt: model.registeredAt }
}

function shown(
  ctx: ShowContext,
  facts: Pick<ModelInfo, 'engine' | 'level' | 'version' | 'isServing' | 'description' | 'trouble'> & Partial<ModelInfo>,
): ModelInfo {
  return {
    shadow: null,
    metrics: {},
    aliases: [],
    registeredAt: null,
    ...facts,
    dataVersions: { ...ctx.reference.versions },
  }
}

function troubleOf({ state }: InferenceInfo): string | null {
  if (state === undefined || state.breaker === 'closed') return null
  return `the breaker is ${state.breaker === 'open' ? 'open' : 'waiting for its probe'}: ${state.lastFailure?.why ?? 'failures'}`
}
