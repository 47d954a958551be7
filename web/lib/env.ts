/** The only place in `web/` that reads the environment. */
export const env = {
  /** Where `/api` is served when the pages have an origin of their own; null: the same process answers it. */
  gatewayUrl: process.env.SMARTRETURNS_GATEWAY_URL ?? null,
} as const
