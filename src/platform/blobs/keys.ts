const keyForm = /^[a-z]{1,20}\/[0-9a-f-]{36}$/
const kindForm = /^[a-z]{1,20}$/

export const isKey = (key: string): boolean => keyForm.test(key)

/** Kind and id of a key; throws on what is no key of ours, so that none leads out of a store. */
export function splitKey(key: string): readonly [kind: string, id: string] {
  if (!keyForm.test(key)) throw new Error(`not a key of ours: ${key}`)
  return key.split('/') as [string, string]
}

export function checkKind(kind: string | undefined): void {
  if (kind !== undefined && !kindForm.test(kind)) throw new Error(`not a kind of ours: ${kind}`)
}
