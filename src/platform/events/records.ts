import { createHash } from 'node:crypto'

/** A record as its bytes are stored: what the chain and the tree are made over. */
export type LogRecord = {
  readonly seq: number
  readonly stream: string
  readonly version: number
  readonly type: string
  /** Microseconds since 1970, as text. */
  readonly micros: string
  /** The very text of the payload. */
  readonly data: string
}

const microsSql = `(extract(epoch from at) * 1000000)::bigint::text`
export const recordColumns = `seq, stream, version, type, ${microsSql} as micros, data::text as data`
/** As `recordText`, by the server. */
export const recordSql = `seq || '|' || stream || '|' || version || '|' || type || '|' || ${microsSql} || '|' || data::text`

export function recordText({ seq, stream, version, type, micros, data }: LogRecord): string {
  return `${seq}|${stream}|${version}|${type}|${micros}|${data}`
}

/** Whether a record follows from the one before it. Old ones follow without their time, which the tree covers. */
export function isChained(previous: Buffer, record: LogRecord, text: string, hash: Buffer): boolean {
  const hashOf = (content: string) => createHash('sha256').update(previous).update(content, 'utf8').digest()
  if (hash.equals(hashOf(text))) return true
  const { seq, stream, version, type, data } = record
  return hash.equals(hashOf(`${seq}|${stream}|${version}|${type}|${data}`))
}
