import { byOf } from '#contracts/events.ts'
import type { ChampionChange, ModelGate, PromoteModel } from '#contracts/model-registry.ts'
import type { Actor, Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { promotionGate, readModelValues, type GateFacts, type GateVerdict } from '#services/recommendation/index.ts'

type ModelContext = Pick<Context, 'db' | 'events' | 'models' | 'reference' | 'now'>
type InspectedModel = Awaited<ReturnType<Context['models']['inspect']>>
type RegisteredModel = Awaited<ReturnType<Context['models']['registry']['register']>>
type Asked<T> = { readonly actor: Actor; readonly requestId: string; readonly input: T }

const stream = 'model-returns'

/** Keeps a trained model, once all its golden vectors are answered as its trainer did. It serves nothing yet. */
export async function registerModel(
  ctx: ModelContext,
  { actor, requestId, input }: Asked<{ readonly folder: string }>,
): Promise<RegisteredModel> {
  const { facts, files } = await ctx.models.inspect(input.folder)
  const known = await ctx.models.registry.find(facts.version)
  const model = await ctx.models.registry.register(facts, files, { by: actor.id, at: new Date(ctx.now()) })
  if (known === null)
    await append(ctx, 'ModelRegistered', { actor, requestId }, { version: model.version, sha256: model.sha256 })
  return model
}

/** What `promoteModel` would hold a version against now: nothing changes. */
export async function readModelGate(ctx: ModelContext, { version }: { readonly version: string }): Promise<ModelGate> {
  const verdict = await judge(ctx, version)
  return { version, isOpen: verdict.promote, conditions: [...verdict.conditions] }
}

/** Lets a registered version serve when the gate of decision-model 6 says so, or a person says so against it. */
export async function promoteModel(ctx: ModelContext, asked: Asked<PromoteModel>): Promise<ChampionChange> {
  const { version, force, reason } = asked.input
  const verdict = await judge(ctx, version)
  if (!verdict.promote && !force) throw gateClosed(version, verdict)
  return change(ctx, asked, {
    type: 'ModelPromoted',
    version,
    reason: reason ?? null,
    isForced: !verdict.promote,
    conditions: verdict.conditions,
  })
}

/** Lets a registered version be scored beside what serves. */
export async function challengeModel(
  ctx: ModelContext,
  { actor, requestId, input: { version } }: Asked<{ readonly version: string }>,
): Promise<{ readonly version: string; readonly before: string | null }> {
  await ctx.models.inspect(await ctx.models.place(version))
  const change = { alias: 'challenger', version, by: actor.id, reason: null, isForced: false } as const
  const { before } = await ctx.models.registry.point({ ...change, at: new Date(ctx.now()) })
  if (before !== version) await append(ctx, 'ModelChallenged', { actor, requestId }, { version, before })
  return { version, before }
}

/** Lets the champion before the present one serve again. */
export async function rollBackModel(
  ctx: ModelContext,
  asked: Asked<{ readonly reason: string }>,
): Promise<ChampionChange> {
  const [now, ...before] = await ctx.models.registry.history('champion')
  const target = before.find((change) => change.version !== now?.version)
  if (target === undefined)
    throw new AppError('conflict', 'no other model has served before', { problem: 'model_none_before' })
  await ctx.models.place(target.version)
  return change(ctx, asked, {
    type: 'ModelRolledBack',
    version: target.version,
    reason: asked.input.reason,
    isForced: false,
    conditions: [],
  })
}

async function change(
  ctx: ModelContext,
  { actor, requestId }: Pick<Asked<unknown>, 'actor' | 'requestId'>,
  wanted: {
    readonly type: 'ModelPromoted' | 'ModelRolledBack'
    readonly version: string
    readonly reason: string | null
    readonly isForced: boolean
    readonly conditions: GateVerdict['conditions']
  },
): Promise<ChampionChange> {
  const { type, version, reason, isForced, conditions } = wanted
  const at = new Date(ctx.now())
  const { before } = await ctx.models.registry.point({ alias: 'champion', version, by: actor.id, reason, isForced, at })
  const facts = { version, before, reason, forced: isForced, conditions }
  if (before !== version) await append(ctx, type, { actor, requestId }, facts)
  await ctx.models.refresh()
  const { refused } = ctx.models.serving()
  return { version, before, forced: isForced, conditions: [...conditions], refused: refused?.why ?? null }
}

async function judge(ctx: ModelContext, version: string): Promise<GateVerdict> {
  const inspected = await ctx.models.inspect(await ctx.models.place(version))
  return promotionGate(await gateFacts(ctx, inspected))
}

/**
 * Figures that a model brings in `metrics.json` under `gate`, and its value on logged decisions against what serves. What it
 * does not bring, or was found against another model, was not measured.
 */
async function gateFacts(ctx: ModelContext, { facts, parity }: InspectedModel): Promise<GateFacts> {
  const value = (await readModelValues(ctx.db)).get(facts.version)
  const served = ctx.models.serving().version
  const isAgainstServed = value !== undefined && (served === null || value.againstVersion.endsWith(`-${served}`))
  const [gradeEce, confidenceEce, coverage] = ['gradeEce', 'confidenceEce', 'coverage'].map(
    (name) => facts.metrics[`gate.${name}`],
  )
  const isMeasured = gradeEce !== undefined && confidenceEce !== undefined && coverage !== undefined
  return {
    contractHash: facts.contractHash,
    expectedContractHash: ctx.reference.features.hash,
    parity,
    calibration: isMeasured ? { gradeEce, confidenceEce, coverage } : null,
    offPolicy: isAgainstServed ? { effectiveCount: value.effectiveCount, gain: value.gain } : null,
  }
}

function gateClosed(version: string, { conditions }: GateVerdict): AppError {
  const unmet = conditions.filter((condition) => !condition.met)
  return new AppError('unprocessable', `${version} may not serve: ${unmet.length} conditions are not met`, {
    problem: 'model_gate_closed',
    errors: unmet.map(({ id, says, value, bar }) => ({
      pointer: `/gate/${id}`,
      code: id,
      detail: `${says}: ${value ?? 'not measured'}, wanted ${bar}`,
    })),
  })
}

async function append(
  ctx: ModelContext,
  type: string,
  { actor, requestId }: Pick<Asked<unknown>, 'actor' | 'requestId'>,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  const version = (await ctx.events.readStream(stream)).length + 1
  const by = byOf(actor)
  await ctx.db.transaction((tx) =>
    ctx.events.append(tx, [{ stream, version, type, data: { by, requestId, ...data } }], new Date(ctx.now())),
  )
}
