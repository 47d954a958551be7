import { z } from 'zod'
import {
  acceptances,
  custodies,
  dispositions,
  executions,
  grades,
  levels,
  moneyStates,
  overrideReasons,
  reasonClusters,
  reasonCodes,
  returnTypes,
  roles,
  stages,
} from './code-lists.ts'

export * from './code-lists.ts'

/** The schemas and types of the closed code lists. */

export const dispositionSchema = z.enum(dispositions).meta({ id: 'Disposition' })
export type Disposition = z.infer<typeof dispositionSchema>

/** The ten routes that the decision model values; `return_to_customer` and `hold` are decisions of people and rules. */
export const routes = dispositions.slice(0, 10) as unknown as readonly Route[]
export type Route = Exclude<Disposition, 'return_to_customer' | 'hold'>

/** Routes that put the unit on sale again. */
export const sellingRoutes: readonly Route[] = ['restock', 'open_box', 'refurbish', 'resell']

export const gradeSchema = z
  .enum(grades)
  .meta({ id: 'Grade', description: 'S sealed, A like new … E unsellable, Q quarantine' })
export type Grade = z.infer<typeof gradeSchema>

export const stageSchema = z.enum(stages).meta({ id: 'Stage' })
export type Stage = z.infer<typeof stageSchema>

export const custodySchema = z.enum(custodies).meta({ id: 'Custody' })
export type Custody = z.infer<typeof custodySchema>

export const acceptanceSchema = z.enum(acceptances).meta({ id: 'Acceptance' })
export type Acceptance = z.infer<typeof acceptanceSchema>

export const executionSchema = z.enum(executions).meta({ id: 'Execution' })
export type Execution = z.infer<typeof executionSchema>

export const moneyStateSchema = z.enum(moneyStates).meta({ id: 'MoneyState' })
export type MoneyState = z.infer<typeof moneyStateSchema>

export const reasonCodeSchema = z.enum(reasonCodes).meta({ id: 'ReasonCode' })
export type ReasonCode = z.infer<typeof reasonCodeSchema>

export const reasonClusterSchema = z
  .enum(reasonClusters)
  .meta({ id: 'ReasonCluster', description: "What the customer's own words are about" })
export type ReasonCluster = z.infer<typeof reasonClusterSchema>

export const returnTypeSchema = z
  .enum(returnTypes)
  .meta({ id: 'ReturnType', description: 'RTO = returned to origin, never accepted by the buyer' })
export type ReturnType = z.infer<typeof returnTypeSchema>

export const levelSchema = z.enum(levels).meta({ id: 'ServingLevel' })
export type ServingLevel = z.infer<typeof levelSchema>

export const overrideReasonSchema = z.enum(overrideReasons).meta({ id: 'OverrideReason' })
export type OverrideReason = z.infer<typeof overrideReasonSchema>

export const roleSchema = z.enum(roles).meta({ id: 'Role' })
export type Role = z.infer<typeof roleSchema>
