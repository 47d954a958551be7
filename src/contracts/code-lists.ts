/** The closed code lists that code, SQL, API and UI share. Without the schemas, so that pages carry no validator for them. */

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

export const grades = ['S', 'A', 'B', 'C', 'D', 'E', 'Q'] as const

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

export const acceptances = ['pending', 'accepted', 'rejected', 'manual_review'] as const

export const executions = ['planned', 'in_progress', 'blocked', 'done', 'reversed'] as const

export const moneyStates = ['none', 'previewed', 'due', 'instructed', 'confirmed', 'failed'] as const

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

/** What the words of a customer are about: the values of the feature `reason_cluster`. */
export const reasonClusters = [
  'fit',
  'look',
  'fault',
  'damage',
  'incomplete',
  'wrong',
  'late',
  'price',
  'other',
] as const

export const returnTypes = ['customer_return', 'rto'] as const

export const levels = ['L0', 'L1', 'L2', 'L3'] as const

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

export const roles = ['admin', 'manager', 'worker', 'analyst', 'claims', 'client_viewer'] as const
