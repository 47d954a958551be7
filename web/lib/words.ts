/** A code as words, for codes that have no message: `data_wipe` → "Data wipe". */
export function humanised(code: string): string {
  const words = code.replaceAll(/[_.:-]+/g, ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
