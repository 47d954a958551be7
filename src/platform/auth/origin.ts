import { isIPv6 } from 'node:net'

/** Where a request comes from, as the audit trail keeps it: no address of a person, no text that a client chooses. */

const known = new Map<string, string>()
const knownMax = 10_000

/** The network and the kind of program, like `203.0.113.0/24 chrome`. */
export function originOf(address: string, agent: string): string {
  const name = `${address}|${agent}`
  const before = known.get(name)
  if (before !== undefined) return before
  const origin = `${networkOf(address)} ${agentOf(agent)}`
  if (known.size >= knownMax) known.clear()
  known.set(name, origin)
  return origin
}

/** The /24 of an IPv4 address, the /48 of an IPv6 one: enough to see a stranger, too little to name a household. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  const four = /^(\d+\.\d+\.\d+)\.\d+$/.exec(mapped)?.[1]
  if (four !== undefined) return `${four}.0/24`
  if (!isIPv6(address)) return 'unknown'
  const [head = '', tail] = address.split('%')[0]!.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const filled = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  const groups = filled.slice(0, 3).map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.join(':')}::/48`
}

// The first that fits: Edge and Chrome name themselves Safari too.
const agents: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'edge'],
  [/\b(Firefox|FxiOS)\//, 'firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'chrome'],
  [/\bSafari\//, 'safari'],
  [/\b(curl|wget|httpie)\b/i, 'command line'],
  [/\b(python|node|undici|axios|go-http|java|okhttp|ruby|php|postman|dart|dotnet)/i, 'program'],
]

export function agentOf(agent: string): string {
  if (agent === '') return 'none'
  return agents.find(([pattern]) => pattern.test(agent))?.[1] ?? 'other'
}
