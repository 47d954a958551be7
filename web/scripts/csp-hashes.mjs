// After `next build`: writes the hashes of the pages' inline scripts for the content security policy.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashFileName, hashPages } from '../lib/csp.ts'

const nextDir = join(import.meta.dirname, '..', '.next')
writeFileSync(join(nextDir, hashFileName), `${JSON.stringify(hashPages(nextDir), null, 2)}\n`)
