import type { ImportKind } from '#contracts/imports.ts'

export type TargetForm =
  | 'text'
  | 'money'
  | 'time'
  | 'day'
  | 'pincode'
  | 'phone'
  | 'boolean'
  | 'quantity'
  | 'code'
  | 'currency'
  | 'category'
  | 'ean'

export type Target = {
  readonly form: TargetForm
  readonly isPersonal?: true
  readonly isKey?: true
  readonly isRequired?: true
}

const order: Readonly<Record<string, Target>> = {
  orderRef: { form: 'text' },
  orderLineRef: { form: 'text', isKey: true },
  orderedAt: { form: 'time' },
  deliveredAt: { form: 'time' },
  sku: { form: 'text' },
  categoryId: { form: 'category' },
  quantity: { form: 'quantity' },
  currency: { form: 'currency' },
  /** Of one unit. */
  price: { form: 'money' },
  /** Of all units of the row together; shared out evenly. */
  lineTotal: { form: 'money' },
  /** Taken off the price of each unit. */
  discount: { form: 'money' },
  pickupPincode: { form: 'pincode' },
  shipState: { form: 'text' },
  saleChannel: { form: 'text' },
  outcome: { form: 'code' },
}

/** Our fields that a column of the file may fill, by kind of import. */
export const targetsOf: Readonly<Record<ImportKind, Readonly<Record<string, Target>>>> = {
  returns: {
    clientRef: { form: 'text', isKey: true, isRequired: true },
    ...order,
    rmaNumber: { form: 'text' },
    title: { form: 'text' },
    mrp: { form: 'money' },
    requestedAt: { form: 'time' },
    returnType: { form: 'code' },
    reasonCode: { form: 'code' },
    isOpened: { form: 'boolean' },
    awb: { form: 'text' },
    serialNumber: { form: 'text' },
    'customer.ref': { form: 'text', isPersonal: true },
    'customer.name': { form: 'text', isPersonal: true },
    'customer.phone': { form: 'phone', isPersonal: true },
    'customer.email': { form: 'text', isPersonal: true },
    'customer.address': { form: 'text', isPersonal: true },
    'customer.note': { form: 'text', isPersonal: true },
  },
  orders: {
    ...order,
    orderLineRef: { form: 'text', isKey: true, isRequired: true },
    orderedAt: { form: 'time', isRequired: true },
  },
  products: {
    sku: { form: 'text', isKey: true, isRequired: true },
    title: { form: 'text', isRequired: true },
    categoryId: { form: 'category' },
    brand: { form: 'text' },
    currency: { form: 'currency' },
    price: { form: 'money' },
    mrp: { form: 'money' },
    cost: { form: 'money' },
    ean: { form: 'ean' },
    launchedOn: { form: 'day' },
  },
}

/** What an order line needs of a row; the rest is only for returns. */
export const orderTargets: ReadonlySet<string> = new Set(Object.keys(order))
