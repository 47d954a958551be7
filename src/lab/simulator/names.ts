/** The closed lists of the simulated world. */

export const faults = ['none', 'minor', 'major', 'dead', 'ruined'] as const
export const habits = ['ordinary', 'wearer', 'abuser'] as const
export const abuses = ['swap', 'counterfeit', 'empty'] as const
export const tiers = ['unbranded', 'budget', 'mid', 'premium'] as const
export const customerReasons = [
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
  'unknown',
] as const
export const splitNames = [
  'train',
  'calibrate',
  'test',
  'shift_price',
  'shift_category',
  'shift_festival',
  'logs',
] as const
export type SplitName = (typeof splitNames)[number]
