import type { Customer } from '#contracts/returns.ts'
import { customerPlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import { readCursor, readSubmissions, writeMarks } from './index-store.ts'
import { marksOf } from './marks.ts'

/** Events of the log looked at in one step. */
const span = 20_000

/**
 * Brings the blind index up to the end of the log. It runs beside requests, and before every search: who was submitted a
 * moment ago is found.
 */
export async function indexPeople(ctx: Pick<Context, 'db' | 'secrets'>): Promise<number> {
  let found = 0
  for (;;) {
    const from = await readCursor(ctx.db)
    const { upTo, rows } = await readSubmissions(ctx.db, from, span)
    if (upTo === from) return found
    const opened = await ctx.secrets.openRestricted(
      rows.map(({ personId, sealed, returnId }) => ({ personId, sealed, place: customerPlace(returnId) })),
    )
    const marks = rows.flatMap(({ personId, clientId }, i) => {
      const plain = opened[i]
      if (plain === null || plain === undefined) return []
      const customer = JSON.parse(plain) as Customer
      return marksOf(ctx.secrets, clientId, customer).map((each) => ({ ...each, personId, clientId }))
    })
    if (await ctx.db.transaction((tx) => writeMarks(tx, marks, { from, to: upTo }))) found += marks.length
  }
}
