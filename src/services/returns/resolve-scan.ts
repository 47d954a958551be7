import type { ScanAnswer, ScanRequest } from '#contracts/scan.ts'
import type { Actor, Context } from '#context.ts'
import { readActionCode, readForeignCode, readLocationCode, readOwnCode } from '#kernel/codes.ts'
import { isOpen } from './return-state.ts'
import { toReturn } from './present.ts'
import { readByCode, readByProduct, type ReturnRow } from './read-store.ts'

/** More than these are not chosen from on a bench. */
const matchesMax = 20

type Answer = Pick<ScanAnswer, 'kind' | 'message' | 'detail' | 'next'> & Partial<ScanAnswer>

function answer(code: string, partial: Answer): ScanAnswer {
  return { code, returns: [], action: null, locationCode: null, closed: null, ...partial }
}

/**
 * Says what a scanned code is and what to do next. Our own codes are checked before any look-up: a misread one is
 * never taken for another unit. Actions and locations are told by their prefix.
 */
export async function resolveScan(ctx: Pick<Context, 'db'>, actor: Actor, request: ScanRequest): Promise<ScanAnswer> {
  const foreign = readForeignCode(request.code)
  const code = foreign.text
  const action = readActionCode(code)
  if (action !== null)
    return answer(code, { kind: 'action', message: 'ok', detail: `action ${action.name}`, next: 'none', action })
  const locationCode = readLocationCode(code)
  if (locationCode !== null) {
    const detail = `the next items are at ${locationCode}`
    return answer(code, { kind: 'location', message: 'location_set', detail, next: 'none', locationCode })
  }
  const own = readOwnCode(code)
  if (own !== null) {
    const kind = own.kind === 'lpn' ? 'return' : 'rma'
    if (!own.isIntact)
      return answer(code, {
        kind,
        message: 'read_error',
        detail: 'the code was misread: scan it again',
        next: 'scan_again',
      })
    return matched(actor, request, own.code, kind, await readByCode(ctx.db, actor, [own.kind], own.code, matchesMax))
  }
  const rows = await readByCode(ctx.db, actor, ['awb', 'order', 'serial', 'client_ref', 'other'], code, matchesMax)
  if (rows[0] !== undefined) return matched(actor, request, code, kindOf(code, rows[0]), rows)
  // An article's own code tells which units it could be only where they are: at one hub.
  const hubId = hereOf(actor, request)
  const alike =
    hubId === undefined ? [] : await readByProduct(ctx.db, actor, { hubId, sku: code, eans: foreign.gtins }, matchesMax)
  return matched(actor, request, code, alike.length === 0 ? 'unknown' : 'sku', alike)
}

function hereOf(actor: Actor, request: ScanRequest): string | undefined {
  return request.context.hubId ?? (actor.hubIds?.length === 1 ? actor.hubIds[0] : undefined)
}

function kindOf(code: string, row: ReturnRow): ScanAnswer['kind'] {
  if (row.awb === code) return 'awb'
  if (row.orderRef === code) return 'order'
  return row.serialNumber === code ? 'serial' : 'return'
}

function matched(
  actor: Actor,
  request: ScanRequest,
  code: string,
  kind: ScanAnswer['kind'],
  rows: readonly ReturnRow[],
): ScanAnswer {
  if (rows.length === 0) {
    return answer(code, {
      kind: 'unknown',
      message: 'not_found',
      detail: `nothing answers to ${code}: check the label, or register the unit`,
      next: 'scan_again',
    })
  }
  const open = rows.filter(isOpen)
  const returns = (open.length > 0 ? open : rows).map(toReturn)
  if (open.length === 0) {
    const last = rows[0]!
    return answer(code, {
      kind,
      returns,
      message: 'already_closed',
      detail: `${last.lpn} is ${last.stage} since ${last.updatedAt}`,
      closed: { at: last.updatedAt, by: last.processedBy, byName: null },
      next: 'none',
    })
  }
  if (open.length > 1) {
    return answer(code, {
      kind,
      returns,
      message: 'choose_one',
      detail: `${open.length} units answer to this code: choose one`,
      next: 'choose',
    })
  }
  const row = open[0]!
  const here = hereOf(actor, request)
  if (here !== undefined && row.hubId !== null && row.hubId !== here) {
    return answer(code, {
      kind,
      returns,
      message: 'belongs_to_other_hub',
      detail: `${row.lpn} belongs to ${row.hubCode}: send it there, or take it in here by a re-route`,
      next: row.receivedAt === null ? 'reroute' : 'none',
    })
  }
  if (request.context.lastReturnId === row.id) {
    return answer(code, {
      kind,
      returns,
      message: 'duplicate_scan',
      detail: `${row.lpn} was the last one scanned`,
      next: nextStep(row),
    })
  }
  return answer(code, { kind, returns, message: 'ok', detail: `${row.lpn}: ${nextStep(row)}`, next: nextStep(row) })
}

function nextStep(row: ReturnRow): ScanAnswer['next'] {
  if (row.receivedAt === null) return 'receive'
  if (row.stage === 'received') return 'check'
  if (row.acceptance === 'manual_review') return 'review'
  return row.stage === 'quality_check' ? 'decide' : 'execute'
}
