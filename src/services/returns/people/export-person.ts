import { stringify } from 'csv-stringify/sync'
import { purposes, type Consent, type PersonExport } from '#contracts/privacy.ts'
import type { Customer } from '#contracts/returns.ts'
import { checkNotePlace, customerPlace, keyOfNote, notePlace } from '#contracts/sealed.ts'
import type { Context } from '#context.ts'
import {
  readExportedPhotos,
  readReturnsOfPerson,
  readSealedNotes,
  type ExportedPhoto,
  type ExportedReturn,
  type SealedNote,
} from './export-store.ts'
import { metaOf, visiblePerson, type Asker } from './find-people.ts'
import { readConsents, readLog } from './people-store.ts'
import { appendPersonEvent } from './restrict-people.ts'

/** A person with more units than this is a shop; the rest is told by its client. */
const returnsMax = 5000

/** Everything that is kept of one person, to be handed to the person. That it was made is a record of the log. */
export async function exportPerson(
  ctx: Pick<Context, 'db' | 'secrets' | 'events' | 'now'>,
  asker: Asker,
  id: string,
): Promise<PersonExport> {
  const row = await visiblePerson(ctx, asker.actor, id)
  const returns = await readReturnsOfPerson(ctx.db, id, returnsMax)
  const ids = returns.map((each) => each.id)
  const sealedNotes = await readSealedNotes(ctx.db, ids)
  const photos = await readExportedPhotos(ctx.db, ids)
  const withCustomer = returns.filter((each) => each.customerSealed !== null)
  const opened = await ctx.secrets.openRestricted([
    ...withCustomer.map((each) => ({ personId: id, sealed: each.customerSealed!, place: customerPlace(each.id) })),
    ...sealedNotes.map((note) => ({
      personId: keyOfNote(note.sealed, note.returnId, id),
      sealed: note.sealed,
      place: placeOf(note),
    })),
  ])
  const customers = new Map(withCustomer.map((each, i) => [each.id, customerOf(opened[i])]))
  const notes = sealedNotes.map((note, i) => ({ note, text: opened[withCustomer.length + i] ?? null }))
  const consents = await readConsents(ctx.db, id)
  const log = await readLog(ctx.db, id)
  const at = new Date(ctx.now())
  await ctx.db.transaction((tx) =>
    appendPersonEvent(
      ctx,
      tx,
      id,
      { type: 'PersonExported', data: { ...metaOf(asker), clientId: row.clientId, returns: ids.length } },
      at,
    ),
  )
  return {
    format: 'smartreturns-person/1',
    madeAt: at.toISOString(),
    person: {
      id,
      clientId: row.clientId,
      clientName: row.clientName,
      isRestricted: row.isRestricted,
      since: row.createdAt.toISOString(),
    },
    purposes: purposes.map(({ id: purpose, basis, says, needsConsent }) => ({
      id: purpose,
      basis,
      says,
      isUsed: isUsed(consents, purpose, needsConsent),
    })),
    consents,
    recipients: [`${row.clientName}: the seller whose goods came back`],
    returns: returns.map((each) =>
      exportedReturn(
        each,
        customers.get(each.id) ?? null,
        notes.filter(({ note }) => note.returnId === each.id),
        photos.filter((photo) => photo.returnId === each.id),
      ),
    ),
    log: log.map((record) => ({ ...record, at: record.at.toISOString() })),
  }
}

function isUsed(consents: readonly Consent[], purpose: string, needsConsent: boolean): boolean {
  return consents.find((consent) => consent.purpose === purpose)?.isGiven ?? !needsConsent
}

const ofEvent: Readonly<Record<string, Parameters<typeof notePlace>[1]>> = {
  ReviewResolved: 'review',
  FeedbackRecorded: 'feedback',
  ReturnCancelled: 'cancellation',
}

function placeOf(note: SealedNote) {
  if (note.checkId !== null) return checkNotePlace(note.checkId)
  return notePlace(note.returnId, ofEvent[note.type] ?? 'decision')
}

function customerOf(plain: string | null | undefined): Customer | null {
  return plain === null || plain === undefined ? null : (JSON.parse(plain) as Customer)
}

const iso = (at: Date | null) => at?.toISOString() ?? null

function exportedReturn(
  row: ExportedReturn,
  customer: Customer | null,
  notes: readonly { readonly note: SealedNote; readonly text: string | null }[],
  photos: readonly ExportedPhoto[],
): PersonExport['returns'][number] {
  const { customerSealed: _, refundMinor, currency, orderedAt, deliveredAt, createdAt, ...rest } = row
  return {
    ...rest,
    refund: { amount: refundMinor, currency },
    orderedAt: iso(orderedAt),
    deliveredAt: iso(deliveredAt),
    createdAt: createdAt.toISOString(),
    customer,
    notes: notes.map(({ note, text }) => ({ of: note.type, at: note.at.toISOString(), text })),
    photos: photos.map(({ fileId, mediaType, sha256, createdAt: takenAt }) => ({
      fileId,
      url: `/api/files/${fileId}`,
      mediaType,
      sha256,
      createdAt: takenAt.toISOString(),
    })),
  }
}

/** The same as a table: one row a value, with the path to it. No cell is taken for a formula. */
export function personCsv(person: PersonExport): string {
  const rows: string[][] = [['path', 'value']]
  const walk = (value: unknown, path: string) => {
    if (Array.isArray(value)) value.forEach((item, i) => walk(item, `${path}[${i}]`))
    else if (typeof value === 'object' && value !== null)
      for (const [name, inner] of Object.entries(value)) walk(inner, path === '' ? name : `${path}.${name}`)
    else if (value !== null && value !== undefined)
      rows.push([path, typeof value === 'string' ? value : JSON.stringify(value)])
  }
  walk(person, '')
  return stringify(rows, { escape_formulas: true, record_delimiter: 'windows' })
}
