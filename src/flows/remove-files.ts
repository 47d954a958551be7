import type { Context } from '#context.ts'
import { readFileVersions, removePhotoRows, type StoredPhoto } from '#services/quality/index.ts'

/** Removes stored files. The bytes before the row: a file that nobody knows of would stay for ever. Answers how many there were. */
export async function removeFiles(
  ctx: Pick<Context, 'db' | 'blobs' | 'events' | 'now'>,
  files: readonly Pick<StoredPhoto, 'id' | 'blobKey'>[],
  why: { readonly by: string; readonly requestId: string },
): Promise<number> {
  if (files.length === 0) return 0
  for (const { blobKey } of files) await ctx.blobs.remove(blobKey)
  const at = new Date(ctx.now())
  return ctx.db.transaction(async (tx) => {
    const gone = await removePhotoRows(
      tx,
      files.map((file) => file.id),
    )
    const versions = await readFileVersions(tx, gone)
    const data = { by: { kind: 'system', id: why.by }, requestId: why.requestId }
    await ctx.events.append(
      tx,
      gone.map((id) => ({ stream: `file-${id}`, version: versions.get(id)!, type: 'FileRemoved', data })),
      at,
    )
    return gone.length
  })
}
