import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { type HashFile, hashFileName, hashPages, type PageHashes } from './lib/csp.ts'

export type Web = {
  /** Answers one request for a page or one of its files; sets the security headers itself. */
  readonly handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>
  /** Development only: hands WebSocket upgrades of hot reloading to Next. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>
  readonly close: () => Promise<void>
}

type NextApp = {
  prepare(): Promise<void>
  close(): Promise<void>
  getRequestHandler(): (req: IncomingMessage, res: ServerResponse) => Promise<void>
  getUpgradeHandler(): (req: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>
}

const dir = import.meta.dirname

/** The pages of this folder, to be served by the process that also serves `/api`. `dev` compiles them on request. */
export async function openWeb(settings: { readonly dev: boolean }): Promise<Web> {
  if (!settings.dev && !existsSync(join(dir, '.next', 'BUILD_ID'))) {
    throw new Error(`the web pages in ${dir} are not built: run "next build web" first`)
  }
  // Next is a CommonJS module whose types claim an ES default export.
  const require = createRequire(import.meta.url)
  const next = require('next') as (options: object) => NextApp
  await readConfiguration(require, settings.dev)
  const app = next({ dev: settings.dev, dir, quiet: true })
  await app.prepare()
  const serve = app.getRequestHandler()
  const hashes = settings.dev ? null : readHashes()
  return {
    handle: async (req, res) => {
      for (const [name, value] of Object.entries(securityHeaders(req.url ?? '/', hashes))) res.setHeader(name, value)
      await serve(req, res)
    },
    upgrade: app.getUpgradeHandler(),
    close: () => app.close(),
  }
}

/**
 * Next prints how long its configuration took when it reads it by itself; here it finds it read. Neither `true`, which
 * would hide warnings of the configuration, nor `false`, which prints that line.
 */
async function readConfiguration(require: NodeJS.Require, isDev: boolean): Promise<void> {
  const { default: load } = require('next/dist/server/config') as {
    default: (phase: string, dir: string, options: { silent: null }) => Promise<unknown>
  }
  await load(isDev ? 'phase-development-server' : 'phase-production-server', dir, { silent: null })
}

/** The file that the build wrote; computed here when it is of another build or was never written. */
function readHashes(): PageHashes {
  const nextDir = join(dir, '.next')
  const file = join(nextDir, hashFileName)
  if (existsSync(file)) {
    const written = JSON.parse(readFileSync(file, 'utf8')) as HashFile
    if (written.buildId === readFileSync(join(nextDir, 'BUILD_ID'), 'utf8').trim()) return written.pages
  }
  return hashPages(nextDir).pages
}

/** The prerendered page behind a path; every `/returns/{id}` is one page, and every `/hubs/{id}` (next.config.mts). */
function pageOf(path: string, hashes: PageHashes): string {
  if (path in hashes) return path
  const [, list] = /^\/(returns|hubs)\/[^/]+$/.exec(path) ?? []
  return list === undefined ? '/_not-found' : `/${list}/item`
}

function securityHeaders(url: string, hashes: PageHashes | null): Record<string, string> {
  const path = (url.split('?')[0] ?? '/').replace(/(.)\/$/, '$1')
  const inline = hashes?.[pageOf(path, hashes)]
  // The station reads codes from pictures by a decoder in WebAssembly.
  const decoder = path === '/station' ? ["'wasm-unsafe-eval'"] : []
  // Hot reloading evaluates code and writes styles: the policy holds for built pages.
  const scripts =
    hashes === null
      ? "'self' 'unsafe-inline' 'unsafe-eval'"
      : ["'self'", ...decoder, ...(inline?.scripts ?? [])].join(' ')
  const styles = hashes === null ? "'self' 'unsafe-inline'" : ["'self'", ...(inline?.styles ?? [])].join(' ')
  return {
    'content-security-policy': [
      "default-src 'self'",
      `script-src ${scripts}`,
      `style-src ${styles}`,
      // Positions and sizes are attributes. Style elements that scripts make are adopted sheets (public/styles.js).
      "style-src-attr 'unsafe-inline'",
      "img-src 'self' blob: data:",
      // A label is printed from a frame that holds its file.
      "frame-src 'self' blob:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(self), microphone=(), geolocation=()',
  }
}
