import { policyParameters, type Policy } from '#contracts/decision.ts'
import type { FieldError } from '#kernel/errors.ts'

const drawsMax = 4096

/** What each parameter may be, by its unit; a number outside would not be a cautious policy but none. */
export function rangeFaults({ parameters }: Policy): FieldError[] {
  const faults = policyParameters.flatMap((id): FieldError[] => {
    const { value, unit } = parameters[id]
    const detail = faultOf(value, unit)
    return detail === null ? [] : [{ pointer: pointerOf(id), code: 'out_of_range', detail: `${id}: ${detail}` }]
  })
  const { lambdaA, lambdaE } = parameters
  if (lambdaA.value > lambdaE.value)
    faults.push({
      pointer: pointerOf('lambdaA'),
      code: 'out_of_range',
      detail: `lambdaA: ${lambdaA.value} is above lambdaE, ${lambdaE.value}`,
    })
  return faults
}

const pointerOf = (id: string) => `/policy/parameters/${id}/value`

function faultOf(value: number, unit: string): string | null {
  if (value < 0) return `${value} is below 0`
  if (/^(share|probability)\b/.test(unit) && value > 1) return `${value} is no ${unit.split(/[ ,]/)[0]}: 0 to 1`
  if (unit === 'draws' && (!Number.isInteger(value) || value < 1 || value > drawsMax))
    return `${value} draws: a whole number from 1 to ${drawsMax}`
  return null
}
