import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const file = join(import.meta.dirname, '..', '..', '.cache', 'engines.env')

function fromFile(name: string): string | undefined {
  if (!existsSync(file)) return undefined
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .find((each) => each.startsWith(`${name}=`))
  return line?.slice(name.length + 1)
}

/**
 * Where an engine of `npm run engines` answers. Where none was started, `absent` is the reason to skip; with REQUIRE_ENGINES=1
 * that is a failure instead.
 */
export function engineUrl(name: string): { readonly url: string; readonly absent: string | false } {
  const url = process.env[name] ?? fromFile(name)
  if (url !== undefined) return { url, absent: false }
  if (process.env['REQUIRE_ENGINES'] === '1') throw new Error(`${name} is not set: npm run engines sets it`)
  return { url: '', absent: `${name} is not set: npm run engines starts that engine` }
}
