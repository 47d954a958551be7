import { toSVG } from 'bwip-js/node'

/** A QR code as an SVG picture, drawn here: what it says leaves to nobody. */
export function drawQr(text: string): string {
  return toSVG({ bcid: 'qrcode', text, paddingwidth: 4, paddingheight: 4, backgroundcolor: 'FFFFFF' })
}
