import type { WorldEngine } from './world-engine.ts'

type Named = { readonly disposition: string; readonly channel: string }

/** Place of an option among those of a world; -1 when it has none. */
export function optionAtOf({ compiled }: Pick<WorldEngine, 'compiled'>): (option: Named) => number {
  const places = new Map(compiled.options.map(({ route, channel, index }) => [`${route}|${channel.id}`, index]))
  return ({ disposition, channel }) => places.get(`${disposition}|${channel}`) ?? -1
}
