import type { Customer } from '#contracts/returns.ts'
import type { Secrets } from '#platform/secrets/port.ts'

export type MarkKind = 'email' | 'phone' | 'name' | 'ref'

/** Values by which one person is written in different ways, as one. */
const plain: Readonly<Record<MarkKind, (value: string) => string>> = {
  email: (value) => value.trim().toLowerCase(),
  // With and without country code, a leading zero, spaces: the last ten digits are the number.
  phone: (value) => value.replaceAll(/\D/g, '').slice(-10),
  name: (value) => value.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim(),
  ref: (value) => value.trim(),
}

/** What a person can be found by, as keyed hashes within the client. */
export function marksOf(
  secrets: Pick<Secrets, 'mark'>,
  clientId: string,
  values: Pick<Customer, MarkKind>,
): { readonly kind: MarkKind; readonly mark: string }[] {
  return (Object.keys(plain) as MarkKind[]).flatMap((kind) => {
    const value = values[kind] === undefined ? '' : plain[kind](values[kind])
    return value === '' ? [] : [{ kind, mark: secrets.mark(clientId, kind, value) }]
  })
}

/** Enough to tell two persons apart, and no more. */
export function hintOf(customer: Customer): {
  readonly name: string | null
  readonly email: string | null
  readonly phone: string | null
} {
  const initials = (text: string) =>
    text
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => `${Array.from(word)[0]}…`)
      .join(' ')
  const [local = '', domain = ''] = (customer.email ?? '').split('@')
  const digits = (customer.phone ?? '').replaceAll(/\D/g, '')
  return {
    name: customer.name === undefined ? null : initials(customer.name),
    email: customer.email === undefined ? null : `${local.slice(0, 1)}…@${domain.slice(0, 1)}…`,
    phone: digits === '' ? null : `…${digits.slice(-2)}`,
  }
}
