/** Where sealed texts of a return stand, and whose key they are under: told to who seals and to who opens. */

export type SealedPlace = { readonly table: string; readonly row: string; readonly field: string }

export const customerPlace = (returnId: string): SealedPlace => ({
  table: 'return_items',
  row: returnId,
  field: 'customer',
})

/** What staff wrote about a unit has a key for each return, so that it can end before the customer's own data do. */
export const noteKeyId = (returnId: string) => `note-${returnId}`

export const notePlace = (returnId: string, of: 'decision' | 'review' | 'feedback' | 'cancellation'): SealedPlace => ({
  table: 'return_items',
  row: returnId,
  field: `${of}_note`,
})

export const checkNotePlace = (checkId: string): SealedPlace => ({
  table: 'quality_checks',
  row: checkId,
  field: 'note',
})

/** Notes of before there were keys for them are under the key of the return's person. */
export const keyOfNote = (sealed: string, returnId: string, personId: string) =>
  sealed.startsWith('1.') ? personId : noteKeyId(returnId)
