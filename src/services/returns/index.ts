/** Owns the return: its five state machines, its rows, its identifiers, its dispositions and its ledger. */
export { evolve } from './evolve.ts'
export * from './lifecycle.ts'
export { isInCustody, isOpen, occupiedHub, returnColumns, type ReturnState } from './return-state.ts'
export { rowsOf, type DispositionRow, type ReturnChange } from './rows.ts'
export {
  lockVersions,
  readCurrentDispositions,
  readReturnsOfDispositions,
  readStates,
  returnStatements,
} from './store.ts'
export { judgePlaces } from './judge-places.ts'
export { validateReturns } from './validate-returns.ts'
export { changeOf, draftReturns, reservedUntil } from './draft-returns.ts'
export { needsOfReturns, type UnitNeeds } from './needs.ts'
export {
  listPendingWorkflows,
  listReturns,
  listReturnsAsJson,
  readReturn,
  readReturnByLabel,
  readVisible,
  readWorkflow,
  returnListFields,
  returnListIncludes,
  workflowListFields,
} from './read-returns.ts'
export { beginErasure } from './people/begin-erasure.ts'
export {
  countErased,
  countPastPersons,
  finishErasure,
  isErasureKnown,
  isKeyOlder,
  readErasure,
  readPastPersons,
  readReturnsToErase,
  readSharedFiles,
  readUnfinished,
  readUnlinked,
  type ErasureRow,
} from './people/erase-store.ts'
export { exportPerson, personCsv } from './people/export-person.ts'
export { findPeople, readPerson, type Asker } from './people/find-people.ts'
export { indexPeople } from './people/index-people.ts'
export { breachText, reportBreach } from './people/report-breach.ts'
export { recordConsent, restrictPerson } from './people/restrict-people.ts'
export { readTimeline } from './read-timeline.ts'
export { resolveScan } from './resolve-scan.ts'
export { bindMapping, withMappedColumns, type BoundMapping } from './import/bind-mapping.ts'
export { checkMapping, mappingHash } from './import/check-mapping.ts'
export { detectMapping } from './import/detect-mapping.ts'
export { recordFile, removeFile } from './import/file-store.ts'
export { errorsCsv, errorsHeader } from './import/errors-file.ts'
export {
  readImport,
  readImportClient,
  saveCheckpoint,
  startImport,
  type ImportClient,
  type ImportState,
} from './import/import-store.ts'
export { inspectFile } from './import/inspect-file.ts'
export { openKeyTable } from './import/key-table.ts'
export {
  listMappings,
  readMapping,
  readMappingFile,
  readShippedMappings,
  recordMapping,
  recordShippedMappings,
  removeMapping,
  type SavedMapping,
} from './import/mapping-store.ts'
export { mapRow, type MappedRow, type RowFacts } from './import/map-rows.ts'
export { recordOrderLines } from './import/order-lines-store.ts'
export { refusal } from './import/read-cells.ts'
export { readObjects, type ReadObject } from './import/read-objects.ts'
export { readRows } from './import/read-rows.ts'
export type { ImportSource } from './import/source.ts'
export { surveyFile, type FileSurvey } from './import/survey-file.ts'
export {
  clientListFields,
  listClients,
  listProducts,
  productListFields,
  readClient,
  readProduct,
} from './catalog/read-catalog.ts'
export { createClient, updateClient } from './catalog/record-clients.ts'
export { inferCategories, type ProductToRecord } from './catalog/infer-categories.ts'
export { recordProducts } from './catalog/record-products.ts'
export { readClientByCode, readClientKind, writeCatalogEvents } from './catalog/store.ts'
export { countPlaces, removeClientRows } from './catalog/remove-client-store.ts'
export { readReturnHeads, type ReturnHead } from './heads-store.ts'
export { countReturns, readLapsed } from './read-store.ts'
