'use client'
import { useTranslations } from 'use-intl'

const known = ['report', 'import', 'policy_replay', 'replay_webhook', 'deliver_webhooks'] as const

/** The name of a kind of job; those of the program itself go by their code. */
export function useKindName(): (kind: string) => string {
  const t = useTranslations('jobs.kind')
  return (kind) => {
    const name = known.find((one) => one === kind)
    return name === undefined ? kind : t(name)
  }
}
