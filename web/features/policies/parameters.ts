import { useTranslations } from 'use-intl'
import type { Policy, PolicyParameter } from '../../../src/contracts/decision.ts'
import { unitKeys } from './units.ts'

export type ShownParameter = {
  readonly id: PolicyParameter
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly source: string
}

/** Every parameter with its name and unit in the reader's language. */
export function useParameters({ parameters }: Policy): readonly ShownParameter[] {
  const t = useTranslations('policies')
  return (Object.keys(parameters) as PolicyParameter[]).map((id) => {
    const { value, unit, source } = parameters[id]
    const key = unitKeys[unit]
    return { id, name: t(`parameter.${id}`), value, unit: key === undefined ? unit : t(`units.${key}`), source }
  })
}
