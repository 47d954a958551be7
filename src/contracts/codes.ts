import { z } from 'zod'

/** The closed code lists that code, SQL, API and UI share. */

export const dispositions = [
  'restock',
  'open_box',
  'refurbish',
  'resell',
  'vendor',
  'liquidate',
  'parts',
  'donate',
  'recycle',
  'destroy',
  'return_to_customer',
  'hold',
] as const
export const dispositionSchema = z.enum(dispositions).meta({ id: 'Disposition' })
export type Disposition = z.infer<typeof dispositionSchema>

/** The ten routes that the decision model values; `return_to_customer` and `hold` are decisions of people and rules. */
export const routes = dispositions.slice(0, 10) as unknown as readonly Route[]
export type Route = Exclude<Disposition, 'return_to_customer' | 'hold'>

/** Routes that put the unit on sale again. */
export const sellingRoutes: readonly Route[] = ['restock', 'open_box', 'refurbish', 'resell']

export const grades = ['S', 'A', 'B', 'C', 'D', 'E', 'Q'] as const
export const gradeSchema = z
  .enum(grades)
  .meta({ id: 'Grade', description: 'S sealed, A like new … E unsellable, Q quarantine' })
export type Grade = z.infer<typeof gradeSchema>

export const stages = [
  'submitted',
  'validated',
  'recommended',
  'hub_assigned',
  'received',
  'quality_check',
  'disposition',
  'completed',
  'rejected',
  'cancelled',
] as const
export const stageSchema = z.enum(stages).meta({ id: 'Stage' })
export type Stage = z.infer<typeof stageSchema>

export const custodies = [
  'advised',
  'in_transit',
  'received',
  'in_location',
  'in_container',
  'transferred',
  'handed_over',
  'lost',
  'not_returned',
] as const
export const custodySchema = z.enum(custodies).meta({ id: 'Custody' })
export type Custody = z.infer<typeof custodySchema>

export const acceptances = ['pending', 'accepted', 'rejected', 'manual_review'] as const
export const acceptanceSchema = z.enum(acceptances).meta({ id: 'Acceptance' })
export type Acceptance = z.infer<typeof acceptanceSchema>

export const executions = ['planned', 'in_progress', 'blocked', 'done', 'reversed'] as const
export const executionSchema = z.enum(executions).meta({ id: 'Execution' })
export type Execution = z.infer<typeof executionSchema>

export const moneyStates = ['none', 'previewed', 'due', 'instructed', 'confirmed', 'failed'] as const
export const moneyStateSchema = z.enum(moneyStates).meta({ id: 'MoneyState' })
export type MoneyState = z.infer<typeof moneyStateSchema>

/** What the customer says. Not what the inspector finds, not what is decided. */
export const reasonCodes = [
  'changed_mind',
  'size_or_fit',
  'not_as_described',
  'defective',
  'damaged_in_transit',
  'wrong_item',
  'missing_parts',
  'late_delivery',
  'quality',
  'better_price',
  'recall',
  'refused_on_delivery',
  'undeliverable',
  'unknown',
] as const
export const reasonCodeSchema = z.enum(reasonCodes).meta({ id: 'ReasonCode' })
export type ReasonCode = z.infer<typeof reasonCodeSchema>

export const returnTypes = ['customer_return', 'rto'] as const
export const returnTypeSchema = z
  .enum(returnTypes)
  .meta({ id: 'ReturnType', description: 'RTO = returned to origin, never accepted by the buyer' })
export type ReturnType = z.infer<typeof returnTypeSchema>

export const levels = ['L0', 'L1', 'L2', 'L3'] as const
export const levelSchema = z.enum(levels).meta({ id: 'ServingLevel' })
export type ServingLevel = z.infer<typeof levelSchema>

/** Why a person did not take the recommendation. */
export const overrideReasons = [
  'wrong_grade',
  'condition_worse',
  'condition_better',
  'client_instruction',
  'no_channel_capacity',
  'price_changed',
  'safety',
  'customer_agreement',
  'training',
  'other',
] as const
export const overrideReasonSchema = z.enum(overrideReasons).meta({ id: 'OverrideReason' })
export type OverrideReason = z.infer<typeof overrideReasonSchema>

export const roles = ['admin', 'manager', 'worker', 'analyst'] as const
export const roleSchema = z.enum(roles).meta({ id: 'Role' })
export type Role = z.infer<typeof roleSchema>
