import type { z } from 'zod'
import type { Client } from '../../../src/contracts/clients.ts'
import type {
  WebhookBody,
  webhookCreatedSchema,
  WebhookDeliveryBody,
  webhookDeliveryDetailSchema,
  webhookTestedSchema,
} from '../../../src/contracts/webhooks.ts'
import { read } from '../../lib/api.ts'

export type Webhook = WebhookBody
export type WebhookWithSecret = z.infer<typeof webhookCreatedSchema>
export type Delivery = WebhookDeliveryBody
export type DeliveryDetail = z.infer<typeof webhookDeliveryDetailSchema>
export type Tested = z.infer<typeof webhookTestedSchema>

export const webhookKeys = {
  all: ['webhooks'] as const,
  deliveries: (id: string, state: string | null) => ['webhooks', id, 'deliveries', state] as const,
  delivery: (id: string, deliveryId: string) => ['webhooks', id, 'delivery', deliveryId] as const,
  clients: ['clients', 'names'] as const,
}

export async function readWebhooks(signal: AbortSignal): Promise<readonly Webhook[]> {
  return (await read<{ data: Webhook[] }>('/api/webhooks', signal)).data
}

export async function readClientNames(signal: AbortSignal): Promise<readonly Pick<Client, 'id' | 'name'>[]> {
  return (await read<{ data: Client[] }>('/api/clients?limit=200', signal)).data
}

export async function readDeliveries(
  id: string,
  state: string | null,
  signal: AbortSignal,
): Promise<readonly Delivery[]> {
  const filter = state === null ? '' : `&filter[state]=${state}`
  return (await read<{ data: Delivery[] }>(`/api/webhooks/${id}/deliveries?limit=50${filter}`, signal)).data
}

export function readDelivery(id: string, deliveryId: string, signal: AbortSignal): Promise<DeliveryDetail> {
  return read<DeliveryDetail>(`/api/webhooks/${id}/deliveries/${deliveryId}`, signal)
}
