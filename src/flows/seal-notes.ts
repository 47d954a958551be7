import type { Context } from '#context.ts'
import type { OnState } from './on-returns.ts'

/** Free text may name people: it is kept only as ciphertext, under the key of the return's person. Null where there is none. */
export async function sealNotes<I>(
  ctx: Pick<Context, 'secrets'>,
  items: readonly OnState<I>[],
  noteOf: (input: I) => string | undefined,
): Promise<(string | null)[]> {
  const requests: {
    readonly place: number
    readonly personId: string
    readonly clientId: string
    readonly plain: string
  }[] = []
  items.forEach(({ command, state }, place) => {
    const plain = noteOf(command.input)
    if (plain === undefined) return
    const personId = state.personId ?? ctx.secrets.personId(state.clientId, state.clientRef)
    requests.push({ place, personId, clientId: state.clientId, plain })
  })
  const out: (string | null)[] = items.map(() => null)
  if (requests.length === 0) return out
  const sealed = await ctx.secrets.seal(requests)
  requests.forEach((request, i) => (out[request.place] = sealed[i]!))
  return out
}
