import type { Estimate } from './off-policy.ts'

/** What is known of a model that asks to serve. Null: it was not measured, which meets no condition. */
export type GateFacts = {
  readonly contractHash: string
  /** The contract that this program featurizes by. */
  readonly expectedContractHash: string
  /** Largest differences over the golden vectors: relative on regression, absolute on probability. */
  readonly parity: { readonly rows: number; readonly regression: number; readonly probability: number } | null
  readonly calibration: {
    readonly gradeEce: number
    readonly confidenceEce: number
    /** Share of outcomes inside the 90 % intervals. */
    readonly coverage: number
  } | null
  readonly offPolicy: { readonly effectiveCount: number; readonly gain: Estimate } | null
}

export type GateCondition = {
  readonly id:
    | 'contract_hash'
    | 'parity_rows'
    | 'parity_regression'
    | 'parity_probability'
    | 'grade_ece'
    | 'confidence_ece'
    | 'coverage'
    | 'effective_count'
    | 'gain_lower_bound'
  readonly says: string
  readonly value: number | string | null
  readonly bar: string
  readonly met: boolean
}

export type GateVerdict = { readonly promote: boolean; readonly conditions: readonly GateCondition[] }

export const gateBars = {
  parityRows: 1000,
  parityRegression: 1e-4,
  parityProbability: 1e-5,
  gradeEce: 0.03,
  confidenceEce: 0.02,
  coverageLow: 0.88,
  coverageHigh: 0.92,
  effectiveCount: 200,
} as const

/** Whether a model may serve: every condition of decision-model 6 and 8 with its number, whatever the others say. */
export function promotionGate(facts: GateFacts): GateVerdict {
  const { parity, calibration, offPolicy } = facts
  const b = gateBars
  const atMost = (id: GateCondition['id'], says: string, value: number | null, most: number): GateCondition => ({
    id,
    says,
    value,
    bar: `<= ${most}`,
    met: value !== null && value <= most,
  })
  const atLeast = (id: GateCondition['id'], says: string, value: number | null, least: number): GateCondition => ({
    id,
    says,
    value,
    bar: `>= ${least}`,
    met: value !== null && value >= least,
  })
  const coverage = calibration?.coverage ?? null
  const lower = offPolicy?.gain.low ?? null
  const conditions: GateCondition[] = [
    {
      id: 'contract_hash',
      says: 'it was trained for the feature contract that serves',
      value: facts.contractHash,
      bar: `= ${facts.expectedContractHash}`,
      met: facts.contractHash === facts.expectedContractHash,
    },
    atLeast('parity_rows', 'golden vectors compared', parity?.rows ?? null, b.parityRows),
    atMost('parity_regression', 'largest relative difference', parity?.regression ?? null, b.parityRegression),
    atMost('parity_probability', 'largest difference of a chance', parity?.probability ?? null, b.parityProbability),
    atMost('grade_ece', 'calibration error of the grade', calibration?.gradeEce ?? null, b.gradeEce),
    atMost(
      'confidence_ece',
      'calibration error of the confidence',
      calibration?.confidenceEce ?? null,
      b.confidenceEce,
    ),
    {
      id: 'coverage',
      says: 'share of outcomes inside the 90 % intervals',
      value: coverage,
      bar: `${b.coverageLow} to ${b.coverageHigh}`,
      met: coverage !== null && coverage >= b.coverageLow && coverage <= b.coverageHigh,
    },
    atLeast('effective_count', 'logged decisions that bear on it', offPolicy?.effectiveCount ?? null, b.effectiveCount),
    {
      id: 'gain_lower_bound',
      says: 'lower end of the 90 % interval of DR(new) - DR(old), paise a return',
      value: lower,
      bar: '> 0',
      met: lower !== null && lower > 0,
    },
  ]
  return { promote: conditions.every((condition) => condition.met), conditions }
}
