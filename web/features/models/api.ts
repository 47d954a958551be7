import type { DriftReport } from '../../../src/contracts/drift.ts'
import type { ModelGate, ModelInfo } from '../../../src/contracts/model-registry.ts'
import { read } from '../../lib/api.ts'

export const modelKeys = {
  all: ['models'] as const,
  drift: ['models', 'drift'] as const,
  gate: (version: string) => ['models', 'gate', version] as const,
}

export async function readModels(signal: AbortSignal): Promise<readonly ModelInfo[]> {
  return (await read<{ readonly data: readonly ModelInfo[] }>('/api/ai/models', signal)).data
}

export async function readDrift(signal: AbortSignal): Promise<readonly DriftReport[]> {
  return (await read<{ readonly data: readonly DriftReport[] }>('/api/ai/models/drift', signal)).data
}

export function readGate(version: string, signal: AbortSignal): Promise<ModelGate> {
  return read<ModelGate>(`/api/ai/models/${encodeURIComponent(version)}/gate`, signal)
}
