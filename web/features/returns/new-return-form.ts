import type { ReasonCode, ReturnType } from '../../../src/contracts/codes.ts'
import { returnRequestSchema, type ReturnRequest } from '../../../src/contracts/returns.ts'

/** What the form holds: text as it is typed. */
export type NewReturnValues = {
  readonly clientId: string
  readonly clientRef: string
  readonly identifiedBy: 'sku' | 'title'
  readonly sku: string
  readonly title: string
  readonly categoryId: string
  readonly price: number | string
  readonly reasonCode: ReasonCode
  readonly returnType: ReturnType
  readonly isOpened: boolean
  readonly pickupPincode: string
  readonly orderRef: string
  readonly deliveredOn: string
  readonly awb: string
  readonly serialNumber: string
}

export const emptyReturn: NewReturnValues = {
  clientId: '',
  clientRef: '',
  identifiedBy: 'sku',
  sku: '',
  title: '',
  categoryId: '',
  price: '',
  reasonCode: 'unknown',
  returnType: 'customer_return',
  isOpened: false,
  pickupPincode: '',
  orderRef: '',
  deliveredOn: '',
  awb: '',
  serialNumber: '',
}

/** Keys of the messages under `newReturn.errors`. */
export type FormFault =
  | 'required'
  | 'sku'
  | 'title'
  | 'category'
  | 'pincode'
  | 'price'
  | 'tooLong'
  | 'invalid'
  | 'delivered'
export type FormFaults = Partial<Record<keyof NewReturnValues, FormFault>>

const paisePerRupee = 100

function filled<K extends string>(name: K, value: string): { readonly [P in K]?: string } {
  const text = value.trim()
  return (text === '' ? {} : { [name]: text }) as { readonly [P in K]?: string }
}

/** The request as the API takes it. */
export function requestOf(values: NewReturnValues): unknown {
  const product =
    values.identifiedBy === 'sku'
      ? filled('sku', values.sku)
      : { ...filled('title', values.title), ...filled('categoryId', values.categoryId) }
  return {
    ...filled('clientId', values.clientId),
    clientRef: values.clientRef.trim(),
    ...product,
    ...(values.price === ''
      ? {}
      : { price: { amount: Math.round(Number(values.price) * paisePerRupee), currency: 'INR' } }),
    reasonCode: values.reasonCode,
    returnType: values.returnType,
    isOpened: values.isOpened,
    ...filled('pickupPincode', values.pickupPincode),
    ...filled('orderRef', values.orderRef),
    ...(values.deliveredOn === ''
      ? {}
      : { deliveredAt: new Date(`${values.deliveredOn}T00:00:00+05:30`).toISOString() }),
    ...filled('awb', values.awb),
    ...filled('serialNumber', values.serialNumber),
  }
}

const fieldOf: Readonly<Record<string, keyof NewReturnValues>> = {
  clientId: 'clientId',
  clientRef: 'clientRef',
  sku: 'sku',
  title: 'title',
  categoryId: 'categoryId',
  price: 'price',
  pickupPincode: 'pickupPincode',
  orderRef: 'orderRef',
  deliveredAt: 'deliveredOn',
  awb: 'awb',
  serialNumber: 'serialNumber',
}

/** The form field that a JSON pointer of a problem means. */
export function fieldOfPointer(pointer: string): keyof NewReturnValues | undefined {
  return fieldOf[pointer.split('/')[1] ?? '']
}

function faultOf(field: keyof NewReturnValues, code: string): FormFault {
  if (field === 'pickupPincode') return 'pincode'
  if (field === 'price') return 'price'
  if (field === 'title') return 'title'
  if (code === 'too_big') return 'tooLong'
  return code === 'too_small' ? 'required' : 'invalid'
}

/** The API's own schema judges the form; what only the form asks for comes on top. */
export function check(
  values: NewReturnValues,
  now: number,
): { readonly faults: FormFaults; readonly request: ReturnRequest | null } {
  const parsed = returnRequestSchema.safeParse(requestOf(values))
  const faults: { -readonly [K in keyof NewReturnValues]?: FormFault } = {}
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const field = fieldOf[String(issue.path[0])]
      if (field !== undefined) faults[field] ??= faultOf(field, issue.code)
    }
  }
  if (values.clientId === '') faults.clientId = 'required'
  if (values.identifiedBy === 'sku' && values.sku.trim() === '') faults.sku = 'sku'
  if (values.identifiedBy === 'title' && values.title.trim() === '') faults.title = 'title'
  if (values.identifiedBy === 'title' && values.categoryId === '') faults.categoryId = 'category'
  if (values.pickupPincode === '') faults.pickupPincode = 'required'
  if (values.deliveredOn !== '' && Date.parse(values.deliveredOn) > now) faults.deliveredOn = 'delivered'
  return { faults, request: parsed.success && Object.keys(faults).length === 0 ? parsed.data : null }
}
