import { z } from 'zod'

export const yesNo = z.enum(['0', '1', 'true', 'false']).transform((text) => text === '1' || text === 'true')
export const list = z.string().transform((text) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
)
export const port = z.coerce.number().int().min(0).max(65535)
