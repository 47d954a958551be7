import type { Return } from '../../../src/contracts/returns.ts'
import { localPhotoRef } from './queue.ts'
import { keep } from './store.ts'

export type Shrunk = { readonly blob: Blob; readonly sha256: string }

let worker: Worker | null = null
let asked = 0
const waiting = new Map<number, { resolve: (shrunk: Shrunk) => void; reject: (error: Error) => void }>()

type Reply = { readonly id: number } & ({ readonly blob: Blob; readonly sha256: string } | { readonly fault: string })

/** At most 1600 px, JPEG, drawn anew so that no metadata stays; in a thread of its own, the keys go on meanwhile. */
export function shrink(photo: Blob): Promise<Shrunk> {
  if (worker === null) {
    worker = new Worker('/photo-worker.js')
    worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
      const asker = waiting.get(data.id)
      waiting.delete(data.id)
      if ('fault' in data) asker?.reject(new Error(data.fault))
      else asker?.resolve({ blob: data.blob, sha256: data.sha256 })
    })
  }
  const id = (asked += 1)
  const shrunk = new Promise<Shrunk>((resolve, reject) => waiting.set(id, { resolve, reject }))
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has no origin to name
  worker.postMessage({ id, photo })
  return shrunk
}

/** Keeps the photo on this device; answers its name there and the reference that a report holds. */
export async function keepPhoto(unit: Return, shot: string, photo: Blob): Promise<{ id: string; ref: string }> {
  const { blob, sha256 } = await shrink(photo)
  const id = crypto.randomUUID()
  await keep('photos', { id, unitId: unit.id, shot, blob, sha256, fileId: null })
  return { id, ref: localPhotoRef(id) }
}
