/** Units of the policy file that have words of their own here; others stand as they are written. */
export const unitKeys: Readonly<Record<string, UnitKey>> = {
  '1/d': 'perDay',
  d: 'days',
  km: 'km',
  draws: 'draws',
  '-': 'none',
  share: 'share',
  probability: 'probability',
  paise: 'paise',
  'paise per minute': 'paisePerMinute',
  'paise per kg': 'paisePerKg',
  'paise per unit': 'paisePerUnit',
  'paise per litre and day': 'paisePerLitreDay',
  'paise per kg CO2e': 'paisePerCarbon',
  'paise per kg CO2e avoided; never above lambdaE': 'paisePerAvoided',
  'paise per kg of e-waste recycled': 'paisePerEwaste',
  'share of price': 'shareOfPrice',
  'share of reference price': 'shareOfReference',
  'share of reference price, where cost is not known': 'shareOfReferenceUnknown',
  'share of repair cost lost on failure': 'shareOfRepair',
  'sd of log cost': 'sdOfLog',
  'probability, until every admissible route has its outcomes': 'probabilityStart',
  'outcomes per route and category level 1': 'outcomes',
  'share of the net recovery value of seven days': 'shareOfWeek',
}

export type UnitKey =
  | 'perDay'
  | 'days'
  | 'km'
  | 'draws'
  | 'none'
  | 'share'
  | 'probability'
  | 'paise'
  | 'paisePerMinute'
  | 'paisePerKg'
  | 'paisePerUnit'
  | 'paisePerLitreDay'
  | 'paisePerCarbon'
  | 'paisePerAvoided'
  | 'paisePerEwaste'
  | 'shareOfPrice'
  | 'shareOfReference'
  | 'shareOfReferenceUnknown'
  | 'shareOfRepair'
  | 'sdOfLog'
  | 'probabilityStart'
  | 'outcomes'
  | 'shareOfWeek'
