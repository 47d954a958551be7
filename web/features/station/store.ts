import type { Return } from '../../../src/contracts/returns.ts'
import type { Report } from '../../lib/inspection.ts'
import type { NeedsYou, StationCommand } from './queue.ts'

/** What this device keeps: nothing of it is lost when the page, the line or the power goes. */

export type LocalPhoto = {
  readonly id: string
  readonly unitId: string
  readonly shot: string
  readonly blob: Blob
  readonly sha256: string
  /** As the server calls it; null until it has it. */
  readonly fileId: string | null
}
export type Draft = { readonly unitId: string; readonly report: Report; readonly at: string }
export type DoneUnit = { readonly unitId: string; readonly userId: string; readonly lpn: string; readonly at: string }
export type CodeRead = { readonly code: string; readonly source: 'scanner' | 'human' | 'camera'; readonly at: string }
/** Labels that could not be printed when their unit was decided. */
export type WaitingLabel = { readonly unitId: string; readonly lpn: string; readonly title: string }

const stores = {
  commands: 'deviceSeq',
  needs: 'id',
  photos: 'id',
  cards: 'id',
  drafts: 'unitId',
  done: 'unitId',
  labels: 'unitId',
  reads: null,
} as const
type StoreName = keyof typeof stores

type Rows = {
  commands: StationCommand
  needs: NeedsYou
  photos: LocalPhoto
  cards: Return
  drafts: Draft
  done: DoneUnit
  labels: WaitingLabel
  reads: CodeRead
}

const readsMax = 1000
let opened: Promise<IDBDatabase> | null = null

function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('smartreturns-station', 1)
    request.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(stores))
        request.result.createObjectStore(name, keyPath === null ? { autoIncrement: true } : { keyPath })
    }
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () =>
      reject(request.error ?? new Error('the store of this device does not open')),
    )
  })
  return opened
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(transaction.error ?? new Error('nothing was kept')))
  })
}

function asked<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('nothing was read')))
  })
}

async function change(names: readonly StoreName[], write: (store: (name: StoreName) => IDBObjectStore) => void) {
  const db = await open()
  const transaction = db.transaction(names as StoreName[], 'readwrite', { durability: 'strict' })
  write((name) => transaction.objectStore(name))
  await finished(transaction)
}

export async function readAll<N extends StoreName>(name: N): Promise<Rows[N][]> {
  const db = await open()
  return asked(db.transaction(name).objectStore(name).getAll() as IDBRequest<Rows[N][]>)
}

export async function readOne<N extends StoreName>(name: N, key: string | number): Promise<Rows[N] | null> {
  const db = await open()
  return (await asked(db.transaction(name).objectStore(name).get(key) as IDBRequest<Rows[N] | undefined>)) ?? null
}

export async function keep<N extends StoreName>(name: N, row: Rows[N]): Promise<void> {
  await change([name], (store) => store(name).put(row))
}

export async function drop(name: StoreName, key: string | number): Promise<void> {
  await change([name], (store) => store(name).delete(key))
}

/** The order of the commands is the device's own count, taken in the same transaction that keeps them. */
export async function keepCommands(
  commands: readonly (Omit<StationCommand, 'deviceSeq'> & { deviceSeq?: number })[],
): Promise<void> {
  await change(['commands'], (store) => {
    const all = store('commands')
    const last = all.openKeyCursor(null, 'prev')
    last.onsuccess = () => {
      const before = Math.max(
        Number(last.result?.key ?? 0),
        Number(localStorage.getItem('smartreturns-device-seq') ?? 0),
      )
      commands.forEach((command, i) => all.put({ ...command, deviceSeq: before + 1 + i }))
      localStorage.setItem('smartreturns-device-seq', String(before + commands.length))
    }
  })
}

export async function setAside(needs: NeedsYou): Promise<void> {
  await change(['commands', 'needs'], (store) => {
    store('needs').put(needs)
    for (const { deviceSeq } of needs.commands) store('commands').delete(deviceSeq)
  })
}

/** Keeps the newest units of the bench for when there is no line. */
export async function keepCards(cards: readonly Return[]): Promise<void> {
  await change(['cards'], (store) => {
    store('cards').clear()
    for (const card of cards) store('cards').put(card)
  })
}

export async function keepRead(read: CodeRead): Promise<void> {
  await change(['reads'], (store) => {
    store('reads').put(read)
    const count = store('reads').count()
    count.onsuccess = () => {
      if (count.result <= readsMax) return
      const oldest = store('reads').openKeyCursor()
      oldest.onsuccess = () => {
        if (oldest.result !== null) store('reads').delete(oldest.result.primaryKey)
      }
    }
  })
}

/** Photos whose check the server has are not kept here any longer. */
export async function dropPhotos(ids: readonly string[]): Promise<void> {
  await change(['photos'], (store) => {
    for (const id of ids) store('photos').delete(id)
  })
}
