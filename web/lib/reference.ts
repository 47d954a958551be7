export type ReferenceTable = Readonly<Record<string, string>>

/** Codes inside a sentence of the server, such as `data_wipe`, as words. */
function spaced(text: string): string {
  return text.replaceAll(/(?<![\w.])[a-z]+(?:_[a-z]+)+(?!\w|\.\w)/g, (code) => code.replaceAll('_', ' '))
}

type Template = { readonly shape: RegExp; readonly names: readonly string[]; readonly text: string }

function templatesOf(table: ReferenceTable): readonly Template[] {
  return Object.entries(table).flatMap(([source, text]) => {
    const names = [...source.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
    if (names.length === 0) return []
    const parts = source.split(/\{\w+\}/).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    return [{ shape: new RegExp(`^${parts.join('(.+?)')}$`), names, text }]
  })
}

/**
 * Names and sentences of the reference data (categories, rubrics, rules) in another language, by their English text.
 * A sentence with facts in it is found by its template. What the table does not hold, such as a rubric that the
 * operator wrote, is shown as it stands.
 */
export function referenceWords(table: ReferenceTable): (text: string) => string {
  const templates = templatesOf(table)
  const word = (text: string): string => {
    const known = table[text]
    if (known !== undefined) return known
    for (const { shape, names, text: translated } of templates) {
      const found = shape.exec(text)
      if (found === null) continue
      return names.reduce((done, name, place) => done.replace(`{${name}}`, word(found[place + 1] ?? '')), translated)
    }
    return text
  }
  return (text) => word(spaced(text))
}
