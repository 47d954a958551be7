export type Place = {
  readonly pincode: string
  readonly lat: number
  readonly lng: number
  readonly state: string | null
  readonly district: string | null
  /** How far the point can be trusted; `low` means the centre of the sorting district, or worse. */
  readonly confidence: 'high' | 'medium' | 'low'
}

export type Geocoder = {
  readonly engine: string
  /** One answer a code, in order; null where no such PIN code is known. */
  readonly locate: (pincodes: readonly string[]) => Promise<(Place | null)[]>
  readonly close: () => Promise<void>
}
