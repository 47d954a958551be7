import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Route of a prerendered page → sha256 hashes of its inline scripts, as `script-src` takes them. */
export type ScriptHashes = Readonly<Record<string, readonly string[]>>
export type HashFile = { readonly buildId: string; readonly pages: ScriptHashes }

export const hashFileName = 'csp-hashes.json'

/** Attributes stand in any order; a script with a source of its own needs no hash. */
const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

function hashesOf(html: string): string[] {
  const scripts = [...html.matchAll(inlineScript)].map((match) => match[1] ?? '').filter((code) => code !== '')
  return [...new Set(scripts.map((code) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`))]
}

/** Hashes of all pages that `next build` prerendered into `<nextDir>/server/app`. */
export function hashPages(nextDir: string): HashFile {
  const root = join(nextDir, 'server', 'app')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  const pages = files.toSorted().map((name): [string, string[]] => {
    const route = name.slice(0, -'.html'.length).replaceAll('\\', '/')
    return [route === 'index' ? '/' : `/${route}`, hashesOf(readFileSync(join(root, name), 'utf8'))]
  })
  return { buildId: readFileSync(join(nextDir, 'BUILD_ID'), 'utf8').trim(), pages: Object.fromEntries(pages) }
}
