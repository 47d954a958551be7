import { ApiError, call } from '../../lib/api.ts'
import {
  answerOf,
  type CommandKind,
  drain,
  localPhotosIn,
  type SendAnswer,
  type StationCommand,
  withFileIds,
} from './queue.ts'
import { drop, dropPhotos, keep, keepCommands, readAll, readOne, setAside } from './store.ts'

/** The queue of this device at work: it sends as soon as it can, in one tab at a time, and tells what came of it. */

export type Outcome =
  | { readonly kind: 'done'; readonly command: StationCommand; readonly data: unknown }
  | { readonly kind: 'refused'; readonly unitId: string }
export type OutboxState = {
  readonly line: 'online' | 'offline' | 'signed_out'
  readonly waiting: number
  readonly needs: number
}

export type Outbox = {
  readonly add: (commands: readonly Omit<StationCommand, 'deviceSeq' | 'userId'>[]) => Promise<void>
  readonly state: () => OutboxState
  readonly subscribe: (listener: () => void) => () => void
  readonly onOutcome: (listener: (outcome: Outcome) => void) => () => void
  /** Tries now: after a sign-in, or when somebody asks. */
  readonly kick: () => void
  /** A question got no answer: the line is down until something answers. */
  readonly noteUnreachable: () => void
  readonly recount: () => Promise<void>
  /** What waits for one unit, in its order. */
  readonly waitingFor: (unitId: string) => Promise<readonly CommandKind[]>
  readonly close: () => void
}

const retryMs = 2000
const lockName = 'smartreturns-station-queue'
const unreached = {
  type: 'about:blank',
  title: '',
  detail: '',
  instance: '',
  requestId: '',
  code: 'unreachable',
  status: 0,
}

export function openOutbox(userId: string): Outbox {
  let state: OutboxState = { line: navigator.onLine ? 'online' : 'offline', waiting: 0, needs: 0 }
  let timer: ReturnType<typeof setTimeout> | undefined
  let isDraining = false
  let isAskedAgain = false
  let isClosed = false
  const listeners = new Set<() => void>()
  const outcomes = new Set<(outcome: Outcome) => void>()

  const set = (changes: Partial<OutboxState>) => {
    state = { ...state, ...changes }
    for (const listener of listeners) listener()
  }
  const recount = async () => {
    const [commands, needs] = await Promise.all([mine(userId), readAll('needs')])
    set({ waiting: commands.length, needs: needs.filter((one) => one.userId === userId).length })
  }
  const tell = (outcome: Outcome) => {
    for (const listener of outcomes) listener(outcome)
  }
  const later = (ms: number) => {
    clearTimeout(timer)
    if (!isClosed) timer = setTimeout(kick, ms)
  }

  const ports = {
    first: async () => (await mine(userId))[0] ?? null,
    ofUnit: async (unitId: string) => (await mine(userId)).filter((one) => one.unitId === unitId),
    send: sendCommand,
    settle: async (command: StationCommand, data: unknown) => {
      await drop('commands', command.deviceSeq)
      if (command.kind === 'check' || command.kind === 'revise') await dropPhotos(localPhotosIn(command.body))
      set({ line: 'online', waiting: Math.max(0, state.waiting - 1) })
      tell({ kind: 'done', command, data })
    },
    setAside: async (needs: Parameters<typeof setAside>[0]) => {
      await setAside(needs)
      await recount()
      tell({ kind: 'refused', unitId: needs.unitId })
    },
  }

  async function run(): Promise<void> {
    if (isDraining) {
      isAskedAgain = true
      return
    }
    isDraining = true
    try {
      do {
        isAskedAgain = false
        // Two tabs would each send the first command that waits.
        const { why, afterMs } = await navigator.locks.request(lockName, () => drain(ports))
        if (why === 'empty') {
          if (state.line === 'offline' && (await isAnswering())) set({ line: 'online' })
          else if (state.line === 'offline') later(retryMs)
        } else {
          set({ line: why === 'signed_out' ? 'signed_out' : why === 'unreachable' ? 'offline' : state.line })
          later(afterMs ?? retryMs)
        }
      } while (isAskedAgain)
      await recount()
    } finally {
      isDraining = false
      // Asked for after the last look and before this line.
      if (isAskedAgain) kick()
    }
  }
  function kick(): void {
    if (!isClosed) void run()
  }
  const goOffline = () => {
    set({ line: 'offline' })
    later(retryMs)
  }

  window.addEventListener('online', kick)
  window.addEventListener('offline', goOffline)
  void recount().then(kick)

  return {
    add: async (commands) => {
      await keepCommands(commands.map((command) => ({ ...command, userId })))
      await recount()
      kick()
    },
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onOutcome: (listener) => {
      outcomes.add(listener)
      return () => outcomes.delete(listener)
    },
    kick,
    noteUnreachable: goOffline,
    recount,
    waitingFor: async (unitId) => (await ports.ofUnit(unitId)).map(({ kind }) => kind),
    close: () => {
      isClosed = true
      clearTimeout(timer)
      window.removeEventListener('online', kick)
      window.removeEventListener('offline', goOffline)
    },
  }
}

async function mine(userId: string): Promise<StationCommand[]> {
  return (await readAll('commands')).filter((one) => one.userId === userId)
}

async function isAnswering(): Promise<boolean> {
  try {
    return (await fetch('/api/health', { cache: 'no-store' })).ok
  } catch {
    return false
  }
}

async function sendCommand(command: StationCommand): Promise<SendAnswer> {
  try {
    if (command.kind === 'photo') return await sendPhoto(command)
    const fileIds = new Map<string, string>()
    for (const id of localPhotosIn(command.body)) {
      const photo = await readOne('photos', id)
      if (photo?.fileId !== null && photo !== null) fileIds.set(id, photo.fileId)
    }
    const { data } = await call<unknown>(command.method, command.path, {
      body: withFileIds(command.body, fileIds),
      idempotencyKey: command.idempotencyKey,
      ifVersion: command.ifVersion,
    })
    return { kind: 'done', data, isReplayed: false }
  } catch (error) {
    if (error instanceof ApiError) return answerOf(error.status, error.problem, error.retryAfterSeconds)
    return answerOf(0, unreached, null)
  }
}

/** The body of a photo command is the name of the photo on this device. */
async function sendPhoto(command: StationCommand): Promise<SendAnswer> {
  const photo = await readOne('photos', String(command.body))
  // Its check was given up: there is nothing to send.
  if (photo === null) return { kind: 'done', data: null, isReplayed: false }
  const form = new FormData()
  form.set('file', photo.blob, 'photo.jpg')
  const { data } = await call<{ fileId: string }>('POST', command.path, {
    form,
    idempotencyKey: command.idempotencyKey,
  })
  await keep('photos', { ...photo, fileId: data.fileId })
  return { kind: 'done', data, isReplayed: false }
}
