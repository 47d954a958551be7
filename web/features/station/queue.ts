import type { Problem } from '../../../src/contracts/problem.ts'

/** Commands of the bench, kept until they got an answer, sent in the order in which they were given. */

export type CommandKind = 'photo' | 'receive' | 'check' | 'revise' | 'decide' | 'undo'

export type StationCommand = {
  /** Grows on this device; the order of sending. */
  readonly deviceSeq: number
  readonly idempotencyKey: string
  readonly userId: string
  readonly unitId: string
  readonly lpn: string
  readonly title: string
  readonly kind: CommandKind
  readonly method: 'POST' | 'PUT'
  readonly path: string
  readonly body: unknown
  /** The version that the worker saw; null when it was not known, as offline. */
  readonly ifVersion: number | null
  /** Instant on this device, RFC 3339. */
  readonly at: string
}

/** Refused commands, and those for the same unit that were waiting behind the first. */
export type NeedsYou = {
  readonly id: string
  readonly userId: string
  readonly unitId: string
  readonly lpn: string
  readonly title: string
  readonly at: string
  readonly problem: Problem
  readonly commands: readonly StationCommand[]
}

export type SendAnswer =
  | { readonly kind: 'done'; readonly data: unknown; readonly isReplayed: boolean }
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** Nobody decided anything about it: the same command is sent again with the same key. */
  | { readonly kind: 'later'; readonly why: 'unreachable' | 'busy' | 'signed_out'; readonly afterMs: number | null }

export type QueuePorts = {
  readonly first: () => Promise<StationCommand | null>
  readonly ofUnit: (unitId: string) => Promise<readonly StationCommand[]>
  readonly send: (command: StationCommand) => Promise<SendAnswer>
  readonly settle: (command: StationCommand, data: unknown, isReplayed: boolean) => Promise<void>
  /** Moves the commands to what needs the worker, in one step. */
  readonly setAside: (needs: NeedsYou) => Promise<void>
}

export type Drained = { readonly why: 'empty' | 'unreachable' | 'busy' | 'signed_out'; readonly afterMs: number | null }

/** Sends what waits, one after the other, until nothing waits or nobody answers. A refusal holds up its own unit only. */
export async function drain(ports: QueuePorts): Promise<Drained> {
  for (;;) {
    const command = await ports.first()
    if (command === null) return { why: 'empty', afterMs: null }
    const answer = await ports.send(command)
    switch (answer.kind) {
      case 'done':
        await ports.settle(command, answer.data, answer.isReplayed)
        break
      case 'refused': {
        const waiting = await ports.ofUnit(command.unitId)
        const behind = waiting.filter((one) => one.deviceSeq > command.deviceSeq)
        const { unitId, userId, lpn, title, at } = command
        const commands = [command, ...behind]
        await ports.setAside({
          id: command.idempotencyKey,
          userId,
          unitId,
          lpn,
          title,
          at,
          commands,
          problem: answer.problem,
        })
        break
      }
      case 'later':
        return { why: answer.why, afterMs: answer.afterMs }
      default:
        return answer satisfies never
    }
  }
}

/** What an answer without success means for a command that can be repeated without harm. */
export function answerOf(status: number, problem: Problem, retryAfterSeconds: number | null): SendAnswer {
  const afterMs = retryAfterSeconds === null ? null : retryAfterSeconds * 1000
  if (status === 0) return { kind: 'later', why: 'unreachable', afterMs }
  if (status === 401) return { kind: 'later', why: 'signed_out', afterMs }
  // A defect on the other side (500) would hold up all that waits: the worker is shown it.
  if (status === 429 || status > 500 || problem.code === 'idempotency_key_in_progress')
    return { kind: 'later', why: 'busy', afterMs }
  return { kind: 'refused', problem }
}

const localPhoto = 'local:'

export function localPhotoRef(id: string): string {
  return localPhoto + id
}

/** Photos that the body names by what they are called on this device. */
export function localPhotosIn(body: unknown): string[] {
  const photos = (body as { photos?: readonly { fileId: string }[] } | null)?.photos ?? []
  return photos.flatMap(({ fileId }) => (fileId.startsWith(localPhoto) ? [fileId.slice(localPhoto.length)] : []))
}

/** The body with the ids that the server gave its photos. */
export function withFileIds(body: unknown, fileIds: ReadonlyMap<string, string>): unknown {
  if (localPhotosIn(body).length === 0) return body
  const report = body as { photos: readonly { fileId: string; shot: string }[] }
  return {
    ...report,
    photos: report.photos.flatMap(({ fileId, shot }) => {
      const local = fileId.startsWith(localPhoto) ? fileIds.get(fileId.slice(localPhoto.length)) : fileId
      return local === undefined ? [] : [{ fileId: local, shot }]
    }),
  }
}
