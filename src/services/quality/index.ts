/** Owns the inspection: rubrics, grades, repair estimates, photos. */
export { readCurrentChecks, readChecks, readCheckReturn, writeChecks, type CheckRow } from './store.ts'
export { checkItems, type CheckedItem } from './check-items.ts'
