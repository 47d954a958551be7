import type { Context } from '#context.ts'
import { forgetMail } from '#integrations/mail/outbox.ts'
import { forgetAttempts } from '#platform/auth/attempts.ts'
import { forgetLinks } from '#platform/auth/links.ts'
import type { SigningKeys } from '#platform/auth/signing-keys.ts'

const rotateJob = 'rotate_signing_keys'
const forgetJob = 'forget_mail'
/** For so long one can still see that a link was used, and guesses are counted on. */
const keptMs = 30 * 86_400_000

/** What identity does beside requests: signing keys follow one another, and old letters and links go. */
export async function openLoginWork(ctx: Context, signingKeys: SigningKeys): Promise<void> {
  await ctx.jobs.work(rotateJob, async () => {
    const kid = await signingKeys.rotateIfOld({ by: { kind: 'system', id: 'schedule' }, requestId: rotateJob })
    if (kid !== null) ctx.log.info({ kid }, 'a new signing key was published')
  })
  await ctx.jobs.schedule(rotateJob, '5 1 * * *')
  await ctx.jobs.work(forgetJob, async () => {
    const at = new Date(ctx.now())
    await forgetMail(ctx.db, at)
    await forgetLinks(ctx.db, new Date(at.getTime() - keptMs))
    await forgetAttempts(ctx.db, new Date(at.getTime() - keptMs))
  })
  await ctx.jobs.schedule(forgetJob, '*/15 * * * *')
}
