import { byOf } from '#contracts/events.ts'
import type { CommandActor } from '#contracts/commands.ts'
import type { Context } from '#context.ts'
import { AppError } from '#kernel/errors.ts'
import { uuidv7 } from '#kernel/ids.ts'
import type { Transaction } from '#platform/db/port.ts'
import { cleanApart } from './clean-apart.ts'
import { insertFile } from './store.ts'

export type PhotoReceipt = {
  readonly fileId: string
  readonly mediaType: string
  readonly bytes: number
  readonly sha256: string
  readonly widthPixels: number
  readonly heightPixels: number
}

type Upload = { readonly actor: CommandActor; readonly requestId: string; readonly bytes: Uint8Array }

/** Keeps an uploaded photo, cleaned and re-encoded; throws with a named code when it is none. */
export async function recordPhoto(
  ctx: Pick<Context, 'db' | 'events' | 'blobs' | 'now'>,
  upload: Upload,
): Promise<PhotoReceipt> {
  const { record } = await preparePhoto(ctx, upload)
  return ctx.db.transaction(record)
}

export type PreparedPhoto = {
  readonly record: (tx: Transaction) => Promise<PhotoReceipt>
  /** For a photo that turns out to be kept already. */
  readonly discard: () => Promise<void>
}

/** The bytes go to the blobs before the row, which `record` writes in the caller's transaction. */
export async function preparePhoto(
  ctx: Pick<Context, 'events' | 'blobs' | 'now'>,
  upload: Upload,
): Promise<PreparedPhoto> {
  const cleaned = await cleanApart(upload.bytes)
  if (!cleaned.ok) {
    const { kind, code, detail } = cleaned.rejection
    throw new AppError(kind, detail, { problem: code })
  }
  const nowMs = ctx.now()
  const id = uuidv7(nowMs)
  const key = `photo/${id}`
  const photo = cleaned.value
  await ctx.blobs.write(key, photo.bytes)
  const at = new Date(nowMs)
  const { actor } = upload
  const record = async (tx: Transaction): Promise<PhotoReceipt> => {
    await insertFile(tx, {
      id,
      kind: 'photo',
      mediaType: photo.mediaType,
      bytes: photo.bytes.length,
      sha256: photo.sha256,
      blobKey: key,
      name: `${id}.jpg`,
      createdBy: actor.id,
      createdAt: at,
      clientId: actor.clientIds?.length === 1 ? actor.clientIds[0]! : null,
      hubId: actor.hubIds?.length === 1 ? actor.hubIds[0]! : null,
    })
    const data = {
      by: byOf(actor),
      requestId: upload.requestId,
      kind: 'photo',
      sha256: photo.sha256,
      bytes: photo.bytes.length,
    }
    await ctx.events.append(tx, [{ stream: `file-${id}`, version: 1, type: 'FileStored', data }], at)
    return {
      fileId: id,
      mediaType: photo.mediaType,
      bytes: photo.bytes.length,
      sha256: photo.sha256,
      widthPixels: photo.widthPixels,
      heightPixels: photo.heightPixels,
    }
  }
  return { record, discard: () => ctx.blobs.remove(key) }
}
