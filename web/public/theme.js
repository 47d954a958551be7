// Runs before the first paint, from a file of its own so that the content security policy needs no exception for it.
try {
  const stored = localStorage.getItem('smartreturns-theme')
  const scheme =
    stored === 'light' || stored === 'dark'
      ? stored
      : matchMedia('(prefers-color-scheme: dark)').matches
        ? 'dark'
        : 'light'
  document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
  if (localStorage.getItem('smartreturns-language') === 'hi') document.documentElement.lang = 'hi'
} catch {
  // Storage is refused in some private windows: the light page is right then.
}
