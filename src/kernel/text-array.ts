/** Object identifier of `text` in pg_type. */
const TEXT = 25
const headBytes = 20

/**
 * A parameter of type `text[]` in the binary format (array_recv): the driver's text format puts a backslash before every quote
 * of a JSON text, and the server takes them out again.
 */
export function textArray(values: readonly string[]): Buffer {
  let size = headBytes
  for (const value of values) size += 4 + Buffer.byteLength(value)
  const bytes = Buffer.allocUnsafe(size)
  // Dimensions, no nulls, the type of the elements, how many, the first index.
  bytes.writeInt32BE(values.length === 0 ? 0 : 1, 0)
  bytes.writeInt32BE(0, 4)
  bytes.writeInt32BE(TEXT, 8)
  bytes.writeInt32BE(values.length, 12)
  bytes.writeInt32BE(1, 16)
  let at = headBytes
  for (const value of values) {
    const written = bytes.write(value, at + 4)
    bytes.writeInt32BE(written, at)
    at += 4 + written
  }
  return values.length === 0 ? bytes.subarray(0, 12) : bytes
}
