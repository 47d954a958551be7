/** Owns the return: its five state machines, its rows, its identifiers, its dispositions and its ledger. */
export { evolve } from './evolve.ts'
export * from './lifecycle.ts'
export { isInCustody, isOpen, occupiedHub, returnColumns, type ReturnState } from './return-state.ts'
export { rowsOf, type DispositionRow, type ReturnChange } from './rows.ts'
export {
  lockVersions, readCurrentDispositions, readReturnsOfDispositions, readStates, writeReturnRows,
} from './store.ts'
export { validateReturns } from './validate-returns.ts'
export { changeOf, draftReturns, reservedUntil } from './draft-returns.ts'
export { needsOfReturns, type UnitNeeds } from './needs.ts'
export {
  listPendingWorkflows, listReturns, readReturn, readReturnByLabel, readVisible, readWorkflow, returnListFields, workflowListFields,
} from './read-returns.ts'
export { readTimeline } from './read-timeline.ts'
export { resolveScan } from './resolve-scan.ts'
