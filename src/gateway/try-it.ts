import { readFileSync } from 'node:fs'

export const tryItConfiguration = {
  url: '/api/openapi.json',
  telemetry: false,
  withDefaultFonts: false,
  hideClientButton: true,
} as const

/** No inline script, no evaluated code; styles that the page's script makes are adopted sheets. */
export const tryItPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** In place of the plugin's own page, whose script stands inline. */
export const tryItPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>SmartReturns API</title>
    <script src="/api/docs/styles.js"></script>
  </head>
  <body>
    <div id="app"></div>
    <script src="/api/docs/js/scalar.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`

/** Scripts of the page by path; the first is the one that our own pages have. */
export function tryItScripts(): readonly (readonly [path: string, text: string])[] {
  const styles = readFileSync(new URL('../../web/public/styles.js', import.meta.url), 'utf8')
  const start = `Scalar.createApiReference('#app', ${JSON.stringify(tryItConfiguration)})\n`
  return [
    ['/api/docs/styles.js', styles],
    ['/api/docs/start.js', start],
  ]
}
