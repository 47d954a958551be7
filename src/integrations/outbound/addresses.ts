import ipaddr from 'ipaddr.js'
import { AppError } from '#kernel/errors.ts'
import type { UrlProblem } from './port.ts'

const urlLengthMax = 2048
const globalV6 = ipaddr.IPv6.parseCIDR('2000::/3')

export function refusedUrl(problem: UrlProblem, detail: string, cause?: unknown): AppError {
  return new AppError('unprocessable', detail, { problem, ...(cause === undefined ? {} : { cause }) })
}

/** Names of the machine itself and of networks behind it; what else they are called, their addresses tell. */
const innerNames = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|private)\.?$/i

/**
 * The address as it is called, or the refusal. Numbers in any notation (`127.1`, `0x7f.1`, `2130706433`) are addresses
 * by then: the URL standard reads them so.
 */
export function readUrl(text: string, { allowsLoopback }: { readonly allowsLoopback: boolean }): URL {
  const url = text.length <= urlLengthMax && URL.canParse(text) ? new URL(text) : null
  if (url === null || url.hostname === '' || !/^https?:$/.test(url.protocol))
    throw refusedUrl('url_invalid', `not an address that can be called: ${text.slice(0, 100)}`)
  if (url.username !== '' || url.password !== '')
    throw refusedUrl('url_with_credentials', 'the address must hold no user name and no password')
  if (url.protocol !== 'https:' && !allowsLoopback)
    throw refusedUrl('url_not_https', 'the address must begin with https://')
  if (innerNames.test(url.hostname) && !allowsLoopback)
    throw refusedUrl('url_address_refused', `${url.hostname} is a name of a private network`)
  url.hash = ''
  return url
}

/** The host of a URL when it is an address and no name; null when it has to be looked up. */
export function literalAddress(url: URL): string | null {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return ipaddr.isValid(host) ? host : null
}

/**
 * Only addresses of the public internet: whatever the registries set aside is another range (private, loopback,
 * link-local with the clouds' metadata, carrier NAT, unique local, mapped, 6to4, Teredo, NAT64, multicast, reserved).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  // Of IPv6 only 2000::/3 is given out; what the library does not name (such as ::127.0.0.1) is not public either.
  return parsed.range() === 'unicast' && (parsed instanceof ipaddr.IPv4 || parsed.match(globalV6))
}

export function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}
