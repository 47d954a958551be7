// Serves the worker station without a line: the page and its files as they were last loaded, and the few answers of the
// API that it cannot begin without. Commands are not its business: the page keeps and sends them itself.
const shell = 'smartreturns-shell-1'
const answers = 'smartreturns-answers-1'
const page = '/station'
const isFile = (path) => path.startsWith('/_next/static/') || /^\/[\w.-]+\.(?:js|svg|ico|wasm)$/.test(path)
const isAnswer = (path) =>
  path === '/api/auth/me' || path === '/api/hubs' || path === '/api/clients' || path.startsWith('/api/quality/rubrics/')

self.addEventListener('install', () => self.skipWaiting())
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))

// What was asked for before this worker was there is asked for once more.
self.addEventListener('message', (event) => {
  if (event.data?.kind === 'keep') event.waitUntil(Promise.all(event.data.paths.map((path) => keep(path))))
})

async function keep(path) {
  const { pathname } = new URL(path, self.location.origin)
  const name = isAnswer(pathname) ? answers : pathname === page || isFile(pathname) ? shell : null
  if (name === null) return
  const cache = await caches.open(name)
  if (pathname !== page && (await cache.match(path, { ignoreVary: true })) !== undefined) return
  const answer = await fetch(path).catch(() => null)
  if (answer?.ok) await cache.put(path, answer)
}

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url)
  if (url.origin !== self.location.origin) return
  if (event.request.method !== 'GET') {
    // Who signs out, or signs in, leaves nothing of the one before.
    if (url.pathname.startsWith('/api/auth/log')) event.waitUntil(caches.delete(answers))
    return
  }
  if (event.request.mode === 'navigate') {
    if (url.pathname === page) event.respondWith(newest(event, shell, page))
  } else if (isFile(url.pathname) && url.pathname !== '/sw.js') event.respondWith(kept(event, shell))
  else if (isAnswer(url.pathname)) event.respondWith(newest(event, answers, event.request))
})

/** Files whose names change with their contents; others are asked for anew beside. */
async function kept(event, name) {
  const cache = await caches.open(name)
  const found = await cache.match(event.request, { ignoreVary: true })
  const asked = () =>
    fetch(event.request).then(async (answer) => {
      if (answer.ok) await cache.put(event.request, answer.clone())
      return answer
    })
  if (found === undefined) return asked()
  if (!new URL(event.request.url).pathname.startsWith('/_next/static/')) event.waitUntil(asked().catch(() => null))
  return found
}

async function newest(event, name, key) {
  const cache = await caches.open(name)
  try {
    const answer = await fetch(event.request)
    if (answer.ok) event.waitUntil(cache.put(key, answer.clone()))
    else if (answer.status === 401) event.waitUntil(caches.delete(answers))
    return answer
  } catch (error) {
    const found = await cache.match(key, { ignoreVary: true })
    if (found !== undefined) return found
    throw error
  }
}
