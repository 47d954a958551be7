/** A reporter of node:test that writes nothing but the files with a failed test, one a line. */
export default async function* failedFiles(events) {
  const seen = new Set()
  for await (const { type, data } of events) {
    const file = data?.file
    if (type !== 'test:fail' || !file || seen.has(file)) continue
    seen.add(file)
    yield `${file}\n`
  }
}
