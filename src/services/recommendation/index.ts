/** Owns the recommendation: what each unit is worth on every admissible route, and what became of the advice. */
export {
  readBodies,
  recordDecisionTables,
  writeFeedback,
  writeRecommendations,
  type FeedbackRow,
  type RecommendationRow,
} from './store.ts'
export { learningSubscriber } from './learn-from-log.ts'
export { readDepth, recommendIntakes, recommendUnits } from './recommend-dispositions.ts'
export { listModels, recommendOnly } from './recommend-only.ts'
export { knownOutcome, labelOf, outcomeFacts, type LabelRow } from './labels.ts'
export { readLabels, writeLabels } from './labels-store.ts'
