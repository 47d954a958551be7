import { noteKeyId, type SealedPlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import type { OnState } from './on-returns.ts'

/** Free text may name people: it is kept only as ciphertext, under a key of the return's own. Null where there is none. */
export async function sealNotes<I>(
  ctx: Pick<Context, 'secrets'>,
  items: readonly OnState<I>[],
  noteOf: (input: I) => string | undefined,
  placeOf: (returnId: string, index: number) => SealedPlace,
): Promise<(string | null)[]> {
  const noted = items.flatMap(({ command, state }, index) => {
    const plain = noteOf(command.input)
    if (plain === undefined) return []
    const place = placeOf(state.id, index)
    return [{ index, request: { personId: noteKeyId(state.id), clientId: state.clientId, plain, place } }]
  })
  const out: (string | null)[] = items.map(() => null)
  if (noted.length === 0) return out
  const sealed = await ctx.secrets.seal(noted.map(({ request }) => request))
  noted.forEach(({ index }, i) => (out[index] = sealed[i]!))
  return out
}
