/** Reads one code from a picture: by the browser where it can, else by a decoder that we serve ourselves. */
export type CodeReader = (picture: HTMLVideoElement) => Promise<string | null>

type Detector = { readonly detect: (picture: HTMLVideoElement) => Promise<readonly { readonly rawValue: string }[]> }
type DetectorClass = { new (options: { formats: string[] }): Detector; getSupportedFormats(): Promise<string[]> }

const formats = ['code_128', 'qr_code', 'ean_13', 'ean_8', 'upc_a', 'upc_e', 'itf', 'data_matrix', 'code_39']

export async function openReader(): Promise<CodeReader> {
  const built = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector
  const known = built === undefined ? [] : await built.getSupportedFormats()
  if (built !== undefined && known.includes('code_128')) {
    const detector = new built({ formats: formats.filter((one) => known.includes(one)) })
    return async (picture) => (await detector.detect(picture))[0]?.rawValue ?? null
  }
  const { prepareZXingModule, readBarcodes } = await import('zxing-wasm/reader')
  // Built in as a file of ours: nothing is fetched from elsewhere.
  const wasm = new URL('../../../node_modules/zxing-wasm/dist/reader/zxing_reader.wasm', import.meta.url)
  prepareZXingModule({ overrides: { locateFile: () => wasm.href } })
  const canvas = document.createElement('canvas')
  return async (picture) => {
    canvas.width = picture.videoWidth
    canvas.height = picture.videoHeight
    const drawing = canvas.getContext('2d', { willReadFrequently: true })
    if (drawing === null) return null
    drawing.drawImage(picture, 0, 0)
    const pixels = drawing.getImageData(0, 0, canvas.width, canvas.height)
    const [found] = await readBarcodes(pixels, { tryHarder: true, maxNumberOfSymbols: 1 })
    return found?.text ?? null
  }
}
