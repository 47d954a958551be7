import { z } from 'zod'
import { yesNo } from './setting-schemas.ts'

/** How the program meets the network. */
export const edgeSettings = {
  SMARTRETURNS_TLS_CERT: {
    schema: z.string().min(1).optional(),
    example: '/etc/smartreturns/tls/fullchain.pem',
    says: 'Certificate chain (PEM): the program then speaks HTTPS itself; read again when the file changes',
  },
  SMARTRETURNS_TLS_KEY: {
    schema: z.string().min(1).optional(),
    example: '/etc/smartreturns/tls/privkey.pem',
    says: 'Private key (PEM) of the certificate',
  },
  SMARTRETURNS_GUESSES_PER_MINUTE: {
    schema: z.coerce.number().int().min(1).max(1_000_000).default(120),
    example: '120',
    says: 'Credentials that nobody has, from one address, before it is refused with 429',
  },
  SMARTRETURNS_OUTBOUND_LOOPBACK: {
    schema: yesNo.default(false),
    example: '1',
    says: 'Development only: webhooks may call this machine, by http too; refused in production',
  },
} as const

/** Settings that are each fine and together are not. */
export function edgeProblems(values: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = []
  if (values['SMARTRETURNS_OUTBOUND_LOOPBACK'] === true && values['NODE_ENV'] === 'production')
    problems.push('SMARTRETURNS_OUTBOUND_LOOPBACK: it opens this machine to addresses of others; not in production')
  if ((values['SMARTRETURNS_TLS_CERT'] === undefined) !== (values['SMARTRETURNS_TLS_KEY'] === undefined))
    problems.push('SMARTRETURNS_TLS_CERT and SMARTRETURNS_TLS_KEY: one of the two alone is nothing')
  return problems
}
