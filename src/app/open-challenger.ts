import type { OpenChallenger } from '#flows/try-challenger.ts'
import { openInProcess } from '#integrations/inference/in-process.ts'
import type { Inference } from '#integrations/inference/port.ts'
import { AppError } from '#kernel/errors.ts'
import type { Context } from '#context.ts'

/** The registry's challenger, on trees of its own: what serves is not touched. Read again only when it is another one. */
export function challengerOf(ctx: Pick<Context, 'models' | 'reference' | 'log'>): OpenChallenger {
  let opened: { readonly sha256: string; readonly version: string; readonly inference: Inference } | null = null
  return async () => {
    try {
      const model = await ctx.models.registry.byAlias('challenger')
      if (model === null) return null
      if (opened?.sha256 !== model.sha256) {
        const folder = await ctx.models.place(model.version)
        const inference = await openInProcess({ folder, contract: ctx.reference.features })
        await opened?.inference.close()
        opened = { sha256: model.sha256, version: model.version, inference }
      }
      return { version: opened.version, inference: opened.inference }
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      ctx.log.warn({ reason: error.message }, 'the challenger cannot be opened')
      return null
    }
  }
}
