import { AppError } from '#kernel/errors.ts'

/** A date or instant of the command line as RFC 3339. */
export function instantOf(option: string, text: string): string {
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw new AppError('invalid', `${option} ${text}: give a date such as 2026-10-01`)
  return new Date(ms).toISOString()
}
