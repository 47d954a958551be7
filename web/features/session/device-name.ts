/** The first that matches counts: Edge calls itself Chrome too, and Chrome calls itself Safari. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdg(e|A|iOS)?\//, 'Edge'],
  [/\b(OPR|Opera)\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(HeadlessChrome|Chromium|Chrome|CriOS)\//, 'Chrome'],
  [/\bVersion\/[\d.]+.*\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
]
const systems: readonly (readonly [RegExp, string])[] = [
  [/\bAndroid\b/, 'Android'],
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
]

export type Device = { readonly name: string | null; readonly isHandheld: boolean }

/** What a person calls the device: browser and system, by its user agent. Null when it is nothing that we know. */
export function deviceOf(agent: string | null): Device {
  const text = agent ?? ''
  const found = [browsers, systems].flatMap((table) => table.find(([pattern]) => pattern.test(text))?.[1] ?? [])
  return {
    name: found.length === 0 ? (text === '' ? null : text.slice(0, 60)) : found.join(' · '),
    isHandheld: /\b(Android|iPhone|iPad|iPod|Mobile)\b/.test(text),
  }
}
