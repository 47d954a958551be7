/** A call to an address that a person gave: a webhook, a photo, a file to import. */
export type OutboundCall = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether the answer's body is read; it is never more than 1 MiB. */
  readonly readsBody: boolean
}

export type OutboundAnswer = {
  readonly status: number
  /** Small letters, first value of each. */
  readonly headers: Readonly<Record<string, string>>
  /** Null unless it was asked for. */
  readonly body: Uint8Array | null
}

/**
 * The one way to addresses that people give. Refuses with `AppError('unprocessable')`, its problem one of `urlProblems`,
 * before anything is sent; a call that fails is `AppError('unavailable')` with a problem of `outboundProblems`.
 * Redirects are answers like any other and never followed.
 */
export type Outbound = {
  readonly engine: string
  /** Looks at the address as a call would, and calls nobody. */
  readonly check: (url: string) => Promise<void>
  readonly call: (call: OutboundCall) => Promise<OutboundAnswer>
}

export const urlProblems = [
  'url_invalid',
  'url_not_https',
  'url_with_credentials',
  'url_address_refused',
  'url_host_unknown',
] as const
export type UrlProblem = (typeof urlProblems)[number]
export const outboundProblems = ['timeout', 'unreachable', 'reset', 'too_large', 'certificate_invalid'] as const
