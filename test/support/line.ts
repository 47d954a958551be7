import { connect, createServer, type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** The line between a browser and the server, which a test cuts. */
export type Line = {
  readonly url: string
  /** Nothing gets through any more; what is under way is broken off. */
  readonly cut: () => void
  readonly mend: () => void
  /** The next answers to writes are lost on their way, after the server did what was asked. */
  readonly loseAnswers: (count: number) => void
  readonly lost: () => number
}

export async function openLine(t: TestContext, target: string): Promise<Line> {
  const { port, hostname } = new URL(target)
  const open = new Set<Socket>()
  let isCut = false
  let toLose = 0
  let lost = 0
  const server = createServer((near) => {
    if (isCut) return near.destroy()
    const far = connect({ port: Number(port), host: hostname })
    open.add(near)
    let isWrite = false
    near.on('data', (bytes) => {
      // The body of a request may come in a piece of its own.
      const head = bytes.subarray(0, 40).toString('latin1')
      if (/^(?:GET|POST|PUT|DELETE) /.test(head)) isWrite = /^(?:POST|PUT) \/api\/(?:returns|quality)/.test(head)
      far.write(bytes)
    })
    far.on('data', (bytes) => {
      if (isWrite && toLose > 0) {
        toLose -= 1
        lost += 1
        near.destroy()
        far.destroy()
      } else near.write(bytes)
    })
    const end = () => {
      open.delete(near)
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.on('error', end).on('close', end)
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    cut: () => {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    mend: () => {
      isCut = false
    },
    loseAnswers: (count) => {
      toLose = count
    },
    lost: () => lost,
  }
}
