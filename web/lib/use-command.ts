'use client'
import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query'
import { useRef } from 'react'
import { type ApiError, call, isTransient } from './api.ts'

export type Write = {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly ifVersion?: number | null
}

const attemptsMax = 3

/**
 * A write with its idempotency key: the same command keeps its key until it got an answer, so that pressing the
 * button again after a lost connection cannot do it twice; another command gets another key.
 */
export function useCommand<T>(touches: readonly QueryKey[]) {
  const queries = useQueryClient()
  const pending = useRef<{ fingerprint: string; key: string } | null>(null)
  return useMutation<T, ApiError, Write>({
    mutationFn: async (write) => {
      const fingerprint = JSON.stringify(write)
      if (pending.current?.fingerprint !== fingerprint) pending.current = { fingerprint, key: crypto.randomUUID() }
      const options = {
        idempotencyKey: pending.current.key,
        ...(write.body === undefined ? {} : { body: write.body }),
        ...(write.ifVersion === undefined ? {} : { ifVersion: write.ifVersion }),
      }
      const { data } = await call<T>(write.method, write.path, options)
      return data
    },
    retry: (failures, error) => failures < attemptsMax - 1 && isTransient(error),
    retryDelay: (failures, error) => (error.retryAfterSeconds ?? 0.4 * 2 ** failures) * 1000,
    onSuccess: async () => {
      pending.current = null
      await Promise.all(touches.map((queryKey) => queries.invalidateQueries({ queryKey })))
    },
    onError: (error) => {
      if (!isTransient(error)) pending.current = null
    },
  })
}
