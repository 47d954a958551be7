/** Lets the station open without a line: the worker keeps the page, its files, and who is signed in. */
export async function startServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const wasControlled = navigator.serviceWorker.controller !== null
  await navigator.serviceWorker.register('/sw.js')
  const { active } = await navigator.serviceWorker.ready
  // It keeps of these what the station cannot begin without.
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  const keep = (paths: readonly string[]) => active?.postMessage({ kind: 'keep', paths })
  keep(['/station'])
  if (wasControlled) return
  // This page was there before its worker: what it asked for went past it, also what is still on its way.
  new PerformanceObserver((list) => keep(pathsOf(list.getEntries()))).observe({ type: 'resource', buffered: true })
}

function pathsOf(entries: readonly PerformanceEntry[]): string[] {
  const own = entries.map(({ name }) => new URL(name)).filter(({ origin }) => origin === location.origin)
  return [...new Set(own.map(({ pathname, search }) => pathname + search))]
}
