import type { Return } from '../../../src/contracts/returns.ts'
import { requestOf } from '../../lib/inspection.ts'
import type { Card, Choice } from './card.ts'
import type { StationCommand } from './queue.ts'

type Draft = Omit<StationCommand, 'deviceSeq' | 'userId'>

function draft(unit: Return, command: Pick<Draft, 'kind' | 'method' | 'path' | 'body'> & Partial<Draft>): Draft {
  return {
    idempotencyKey: crypto.randomUUID(),
    unitId: unit.id,
    lpn: unit.lpn,
    title: unit.title,
    ifVersion: null,
    at: new Date().toISOString(),
    ...command,
  }
}

export function receiveCommand(
  unit: Return,
  place: { hubId: string; locationCode: string | null; reroute: boolean },
): Draft {
  const { hubId, locationCode, reroute } = place
  const body = { hubId, ...(locationCode === null ? {} : { locationCode }), ...(reroute ? { reroute } : {}) }
  return draft(unit, { kind: 'receive', method: 'POST', path: `/api/returns/${unit.id}/receive`, body })
}

/** The first check, or the correction of the one that this bench just made. */
export function checkCommand(card: Card): Draft {
  const { returnId, ...report } = requestOf(card.rubric!, card.report, card.unit.id)
  const checkId = card.graded?.qualityCheckId ?? null
  if (checkId === null)
    return draft(card.unit, {
      kind: 'check',
      method: 'POST',
      path: '/api/quality/check',
      body: { returnId, ...report },
    })
  const path = `/api/quality/${checkId}`
  return draft(card.unit, { kind: 'revise', method: 'PUT', path, body: report, ifVersion: card.checkVersion })
}

export function photoCommand(unit: Return, photoId: string): Draft {
  return draft(unit, { kind: 'photo', method: 'POST', path: '/api/files', body: photoId })
}

/** Names what the worker saw, so that other advice than that is never accepted by this. */
export function decideCommand(card: Card, choice: Choice): Draft {
  const { disposition, channel, reasonCode, note, locationCode } = choice
  const body = {
    disposition,
    ...(channel === null ? {} : { channel }),
    ...(reasonCode === null ? {} : { reasonCode }),
    ...(note.trim() === '' ? {} : { note: note.trim() }),
    ...(locationCode === null ? {} : { locationCode }),
  }
  const path = `/api/returns/${card.unit.id}/disposition`
  return draft(card.unit, { kind: 'decide', method: 'POST', path, body, ifVersion: card.version })
}

export function undoCommand(unit: Return): Draft {
  return draft(unit, { kind: 'undo', method: 'POST', path: `/api/returns/${unit.id}/disposition/undo`, body: {} })
}
