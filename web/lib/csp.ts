import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** sha256 hashes of what stands inline in a page, as `script-src` and `style-src-elem` take them. */
export type InlineHashes = { readonly scripts: readonly string[]; readonly styles: readonly string[] }
/** Route of a prerendered page → its hashes. */
export type PageHashes = Readonly<Record<string, InlineHashes>>
export type HashFile = { readonly buildId: string; readonly pages: PageHashes }

export const hashFileName = 'csp-hashes.json'

/** Attributes stand in any order; a script with a source of its own needs no hash. */
const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g
const inlineStyle = /<style[^>]*>([\s\S]*?)<\/style>/g

function hashesOf(html: string, pattern: RegExp): string[] {
  const texts = [...html.matchAll(pattern)].map((match) => match[1] ?? '').filter((text) => text !== '')
  return [...new Set(texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`))]
}

function inlineHashes(html: string): InlineHashes {
  // What looks like a style inside a script is text.
  const withoutScripts = html.replaceAll(/<script[^>]*>[\s\S]*?<\/script>/g, '')
  return { scripts: hashesOf(html, inlineScript), styles: hashesOf(withoutScripts, inlineStyle) }
}

/** Hashes of all pages that `next build` prerendered into `<nextDir>/server/app`. */
export function hashPages(nextDir: string): HashFile {
  const root = join(nextDir, 'server', 'app')
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  const pages = files.toSorted().map((name): [string, InlineHashes] => {
    const route = name.slice(0, -'.html'.length).replaceAll('\\', '/')
    return [route === 'index' ? '/' : `/${route}`, inlineHashes(readFileSync(join(root, name), 'utf8'))]
  })
  return { buildId: readFileSync(join(nextDir, 'BUILD_ID'), 'utf8').trim(), pages: Object.fromEntries(pages) }
}
