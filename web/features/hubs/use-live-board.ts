'use client'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { HubBoard, HubsLive } from '../../../src/contracts/hub-board.ts'
import { hubKeys, readBoard } from './api.ts'
import { patched } from './load.ts'

export type LiveState = 'connecting' | 'live' | 'lost'

const againMs = { first: 2000, most: 30_000 } as const

/**
 * The board, read once and then kept by the stream of changes. A browser comes back by itself where a connection ends; where it was
 * refused (a session that must be renewed, too many streams) the board is read again, which renews the session, and
 * then the stream is opened anew from the last message that was seen.
 */
export function useLiveBoard() {
  const queries = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const board = useQuery({ queryKey: hubKeys.board, queryFn: ({ signal }) => readBoard(signal), staleTime: Infinity })
  const isRead = board.data !== undefined
  useEffect(() => {
    if (!isRead) return undefined
    let source: EventSource | null = null
    let isGone = false
    let timer: ReturnType<typeof setTimeout> | null = null
    let lastId = ''
    let waitMs: number = againMs.first
    const take = (event: MessageEvent<string>) => {
      const isFirst = lastId === ''
      lastId = event.lastEventId
      const message = JSON.parse(event.data) as HubsLive
      queries.setQueryData<HubBoard>(hubKeys.board, (before) =>
        before === undefined ? before : patched(before, message),
      )
      if (message.isUnassignedChanged && !isFirst) void queries.invalidateQueries({ queryKey: hubKeys.board })
    }
    const open = () => {
      if (isGone) return
      source = new EventSource(`/api/live/hubs${lastId === '' ? '' : `?lastEventId=${encodeURIComponent(lastId)}`}`)
      source.addEventListener('hubs', take)
      source.addEventListener('open', () => {
        waitMs = againMs.first
        setState('live')
      })
      source.addEventListener('error', () => {
        setState('lost')
        if (source?.readyState !== EventSource.CLOSED) return
        timer = setTimeout(() => void queries.invalidateQueries({ queryKey: hubKeys.board }).then(open), waitMs)
        waitMs = Math.min(waitMs * 2, againMs.most)
      })
    }
    open()
    return () => {
      isGone = true
      source?.close()
      if (timer !== null) clearTimeout(timer)
    }
  }, [isRead, queries])
  return { board, state }
}
