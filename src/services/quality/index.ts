/** Owns the inspection: rubrics, grades, repair estimates, photos. */
export { checkItems, type CheckedItem } from './check-items.ts'
export { functionalTest } from './functional-test.ts'
export { openQuestions } from './grade.ts'
export { readQuality, readRubric } from './read-quality.ts'
export { recordPhoto, type PhotoReceipt } from './record-photo.ts'
export {
  readCheckReturn,
  readChecks,
  readCurrentChecks,
  recordRubrics,
  checkStatements,
  type CheckRow,
} from './store.ts'
