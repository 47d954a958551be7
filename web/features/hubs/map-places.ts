/** Where a place lies on the map of `@svg-maps/india`: a Mercator projection, fitted to its outlines. */
export function pointOf({ lat, lng }: { readonly lat: number; readonly lng: number }): { x: number; y: number } {
  return {
    x: 20.961 * lng - 1427.76,
    y: 846.13 - 1224.597 * Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)),
  }
}

export type Mark = {
  readonly id: string
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly text: string
}
export type Label = { readonly id: string; readonly x: number; readonly y: number }
type Box = { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }

const letterWidth = 10.5
const lineHeight = 20
const mapWidth = 612

function meets(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** A label for each mark, beside it where nothing else stands; below, above or left of it else. `x` is its left end. */
export function placeLabels(marks: readonly Mark[]): Label[] {
  const taken: Box[] = marks.map(({ x, y, radius }) => ({
    left: x - radius,
    top: y - radius,
    right: x + radius,
    bottom: y + radius,
  }))
  return marks.map(({ id, x, y, radius, text }, own) => {
    const width = text.length * letterWidth
    const gap = radius + 5
    const spots = [
      { x: x + gap, y },
      { x: x - gap - width, y },
      { x: x - width / 2, y: y + gap + lineHeight / 2 },
      { x: x - width / 2, y: y - gap - lineHeight / 2 },
      { x: x + gap, y: y + lineHeight },
      { x: x + gap, y: y - lineHeight },
    ]
    const boxOf = (spot: { x: number; y: number }): Box => ({
      left: spot.x,
      top: spot.y - lineHeight / 2,
      right: spot.x + width,
      bottom: spot.y + lineHeight / 2,
    })
    const isFree = (box: Box) =>
      box.left >= 0 && box.right <= mapWidth && taken.every((other, i) => i === own || !meets(box, other))
    const spot = spots.find((one) => isFree(boxOf(one))) ?? spots[0]!
    taken.push(boxOf(spot))
    return { id, ...spot }
  })
}
