'use client'
import { useQuery } from '@tanstack/react-query'
import { parseAsString, useQueryState } from 'nuqs'
import type { Recommendation } from '../../../src/contracts/returns.ts'
import { keys, readExplanation } from './api.ts'

export type Option = Recommendation['options'][number]

const nameOf = ({ disposition, channel }: Option): string => `${disposition}.${channel}`

export function isChosen(made: Recommendation, option: Option): boolean {
  return option.disposition === made.disposition && option.channel === made.channel
}

/** The option that the recommended one is compared with; the address holds it unless it is the best of the others. */
export function useCompared(made: Recommendation) {
  const [asked, ask] = useQueryState('against', parseAsString)
  const others = made.options.filter((option) => !isChosen(made, option))
  const usual = others[0] ?? null
  const compared = others.find((option) => nameOf(option) === asked) ?? usual
  const compareWith = (option: Option) => void ask(option === usual ? null : nameOf(option))
  return { compared, isUsual: compared === usual, compareWith }
}

/** A recommendation never changes, nor do its reasons: they are read once, when they come into sight. */
export function useExplanation(made: Recommendation, compared: Option | null, isSeen: boolean) {
  return useQuery({
    queryKey: keys.explanation(made.id, compared === null ? '' : nameOf(compared)),
    queryFn: ({ signal }) => readExplanation(made.returnId, compared, signal),
    enabled: isSeen && made.options.length > 0,
    staleTime: Infinity,
  })
}
