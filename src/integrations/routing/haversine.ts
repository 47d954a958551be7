import type { Point, Routing } from './port.ts'

const EARTH_RADIUS_KM = 6371.0088
/** Roads are longer than the great circle: our prior for India. */
const ROAD_FACTOR = 1.35

/** Speed on each stretch of a road trip, town first: priors for goods vehicles in India. */
const stretches = [
  { untilKm: 10, kmPerHour: 20 },
  { untilKm: 60, kmPerHour: 35 },
  { untilKm: Infinity, kmPerHour: 48 },
] as const

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180
}

export function greatCircleKm(from: Point, to: Point): number {
  const dLat = radians(to.lat - from.lat)
  const dLng = radians(to.lng - from.lng)
  const half =
    Math.sin(dLat / 2) ** 2 + Math.cos(radians(from.lat)) * Math.cos(radians(to.lat)) * Math.sin(dLng / 2) ** 2
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(half)))
}

/** Minutes for a road distance; grows with every kilometre. */
export function driveMinutes(km: number): number {
  let minutes = 0
  let fromKm = 0
  for (const { untilKm, kmPerHour } of stretches) {
    minutes += (Math.max(0, Math.min(km, untilKm) - fromKm) / kmPerHour) * 60
    fromKm = untilKm
  }
  return minutes
}

/** Estimates without a map: great circle times a road factor. */
export function openHaversine(): Routing {
  return {
    engine: 'haversine',
    matrix: (origins, destinations) => {
      const km = origins.map((from) => destinations.map((to) => greatCircleKm(from, to) * ROAD_FACTOR))
      return Promise.resolve({ km, minutes: km.map((row) => row.map(driveMinutes)) })
    },
    close: () => Promise.resolve(),
  }
}
