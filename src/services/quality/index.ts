/** Owns the inspection: rubrics, grades, repair estimates, photos. */
export { checkItems, type CheckedItem } from './check-items.ts'
export { functionalTest } from './functional-test.ts'
export { openQuestions } from './grade.ts'
export { readQuality, readRubric } from './read-quality.ts'
export { preparePhoto, recordPhoto, type PhotoReceipt } from './record-photo.ts'
export { countOldFiles, oldFileClasses, readOldFiles, type OldFiles } from './old-file-store.ts'
export { readFileVersions, readPhotosOf, removePhotoRows, type StoredPhoto } from './photo-store.ts'
export {
  readCheckReturn,
  readChecks,
  readCurrentChecks,
  recordRubrics,
  checkStatements,
  scrubCheckStatements,
  type CheckRow,
} from './store.ts'
