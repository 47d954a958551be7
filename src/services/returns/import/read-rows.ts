import { AppError } from '#kernel/errors.ts'
import { importLimits } from '#contracts/imports.ts'
import { splitCsv, type RawRow } from './csv-records.ts'
import { damageOf, openDecoder } from './decode-text.ts'
import { splitJsonLines } from './json-records.ts'
import { readPlain, type ImportSource } from './source.ts'
import type { FileSurvey } from './survey-file.ts'

/** Rows that one chunk of the file ended, and how many bytes were read up to there. */
export type RowBatch = { readonly rows: readonly RawRow[]; readonly bytes: number }

/** Streams the rows of a surveyed file, the header left out. Memory is bounded by the chunk and the longest record. */
export async function* readRows(source: ImportSource, survey: FileSurvey): AsyncGenerator<RowBatch> {
  const decoder = openDecoder(survey.encoding.encoding)
  const splitter = survey.format === 'jsonl' ? splitJsonLines(survey.header) : splitCsv(survey.delimiter ?? ',')
  let bytes = 0
  let count = 0
  // From the first NUL on each row is looked at: a record may begin several chunks before its end.
  let isSuspect = survey.encoding.isDamaged
  const finish = (rows: readonly RawRow[], text: string): RowBatch => {
    isSuspect ||= text.includes('\0')
    const checked = isSuspect ? rows.map((row) => markDamage(row, survey)) : rows
    count += checked.length
    if (count > importLimits.rows)
      throw new AppError('too_large', `more than ${importLimits.rows} rows; split the file`)
    return { rows: withoutHeader(checked, survey), bytes }
  }
  for await (const chunk of readPlain(source)) {
    bytes += chunk.length
    const decoded = decoder.write(chunk)
    const text = survey.hasBareReturns ? decoded.replaceAll('\r', '\n') : decoded
    const batch = finish(splitter.push(text), text)
    if (batch.rows.length > 0) yield batch
  }
  const last = decoder.end()
  yield finish([...splitter.push(last), ...splitter.end()], last)
}

function markDamage(row: RawRow, survey: FileSurvey): RawRow {
  if (row.fault !== null) return row
  for (const value of row.values) {
    const fault = damageOf(value, survey.encoding)
    if (fault !== null) return { ...row, fault }
  }
  return row
}

function withoutHeader(rows: readonly RawRow[], survey: FileSurvey): readonly RawRow[] {
  return rows[0]?.line === survey.headerLine ? rows.slice(1) : rows
}
