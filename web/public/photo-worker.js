// Shrinks photos beside the page: at most 1600 px on the longer side, JPEG. Drawing them anew leaves their metadata behind.
const sideMax = 1600
const quality = 0.82

async function shrink(photo) {
  const picture = await createImageBitmap(photo, { imageOrientation: 'from-image' })
  const scale = Math.min(1, sideMax / Math.max(picture.width, picture.height))
  const [width, height] = [picture.width, picture.height].map((side) => Math.max(1, Math.round(side * scale)))
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d').drawImage(picture, 0, 0, width, height)
  picture.close()
  const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality })
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  const sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return { blob, sha256 }
}

// oxlint-disable unicorn/require-post-message-target-origin -- a worker has no origin to name
self.addEventListener('message', ({ data: { id, photo } }) => {
  shrink(photo).then(
    (shrunk) => self.postMessage({ id, ...shrunk }),
    (error) => self.postMessage({ id, fault: String(error) }),
  )
})
