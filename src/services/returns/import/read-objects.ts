import type { RowFault } from './csv-records.ts'
import { openDecoder } from './decode-text.ts'
import { readPlain, type ImportSource } from './source.ts'
import type { FileSurvey } from './survey-file.ts'

export type ReadObject = { readonly line: number; readonly value: unknown; readonly fault: RowFault | null }

/** The JSON values of a body of one a line, as they are: for those who speak our own API. */
export async function* readObjects(source: ImportSource, survey: FileSurvey): AsyncGenerator<readonly ReadObject[]> {
  const decoder = openDecoder(survey.encoding.encoding)
  let rest = ''
  let line = 0
  const take = (text: string): ReadObject[] => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    return lines.flatMap((content) => {
      line += 1
      return content.trim() === '' ? [] : [readObject(content, line)]
    })
  }
  for await (const chunk of readPlain(source)) yield take(decoder.write(chunk))
  yield take(`${decoder.end()}\n`)
}

function readObject(content: string, line: number): ReadObject {
  if (content.includes('\uFFFD'))
    return { line, value: null, fault: { code: 'bad_encoding', reason: 'bytes of this line are no UTF-8' } }
  try {
    return { line, value: JSON.parse(content), fault: null }
  } catch (error) {
    const reason = `no JSON: ${error instanceof Error ? error.message : String(error)}`.slice(0, 200)
    return { line, value: null, fault: { code: 'json_malformed', reason } }
  }
}
