import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import { cleanPhoto } from './photos.ts'

// One photo at a time on one core: the others serve requests.
sharp.concurrency(1)
sharp.cache(false)

parentPort!.on('message', (bytes: Uint8Array) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A port of a thread, not a window.
  void cleanPhoto(bytes).then((outcome) => parentPort!.postMessage(outcome))
})
