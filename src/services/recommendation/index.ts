/** Owns the recommendation: what each unit is worth on every admissible route, and what became of the advice. */
export {
  readBodies,
  readUnsold,
  recordDecisionTables,
  feedbackStatements,
  recommendationStatements,
  type FeedbackRow,
  type RecommendationRow,
} from './store.ts'
export { learningSubscriber } from './learn-from-log.ts'
export { readDepth, recommendIntakes, recommendUnits } from './recommend-dispositions.ts'
export { readExplanation } from './read-explanation.ts'
export { recommendOnly } from './recommend-only.ts'
export { promotionGate, type GateFacts, type GateVerdict } from './promotion-gate.ts'
export { readDriftReports } from './drift/drift-store.ts'
export { measureDrift } from './drift/measure-drift.ts'
export { pushFeatures } from './push-features.ts'
export { showModels } from './show-models.ts'
export { knownOutcome, labelOf, outcomeFacts, type LabelRow } from './labels.ts'
export { patchDecision, type PatchedPolicy } from './policy/policy-patch.ts'
export { applyPatches, openLivePolicy } from './policy/live-policy.ts'
export { policyChanges } from './policy/policy-changes.ts'
export { insertPolicyVersion, readPolicyVersions } from './policy/policy-versions-store.ts'
export { replayPolicy } from './policy/replay-policy.ts'
export type { DecisionScope } from './decisions-store.ts'
export { readLogRows, type LeftOut } from './rows/log-rows.ts'
export { scoreShadow, type Challenger } from './shadow/score-shadow.ts'
export { forgetShadowScores, readModelValues, readShadow, writeModelValue } from './shadow/shadow-store.ts'
export { valueModel } from './shadow/value-model.ts'
export { openUsedPrices } from './used-price.ts'
export { auditConfidence } from './audit/audit-confidence.ts'
export { readLabels, labelStatements } from './labels-store.ts'
