import type { Channel, Policy } from '../../../src/contracts/decision.ts'
import type { DecisionPolicy, PolicyVersion } from '../../../src/contracts/decision-policy.ts'
import type { Job } from '../../../src/contracts/jobs.ts'
import { read } from '../../lib/api.ts'

export const policyKeys = {
  all: ['policy'] as const,
  versions: ['policy', 'versions'] as const,
  job: (id: string) => ['policy-replay', id] as const,
}

type Constraint = { readonly id: string; readonly message: string; readonly routes: readonly string[] }

/** As the API gives it: the files are those that its own schemas have let through. */
export type ShownPolicy = Omit<DecisionPolicy, 'files'> & {
  readonly files: {
    readonly policy: Policy
    readonly channels: { readonly version: string; readonly channels: readonly Channel[] }
    readonly fees: { readonly version: string }
    readonly transport: { readonly version: string }
    readonly constraints: { readonly version: string; readonly constraints: readonly Constraint[] }
  }
}

export const readPolicy = (signal: AbortSignal) => read<ShownPolicy>('/api/ai/policy', signal)

export async function readVersions(signal: AbortSignal): Promise<readonly PolicyVersion[]> {
  return (await read<{ readonly data: readonly PolicyVersion[] }>('/api/ai/policy/versions', signal)).data
}

export const readJob = (id: string, signal: AbortSignal) => read<Job>(`/api/jobs/${id}`, signal)
