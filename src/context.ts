import type { LivePolicy } from '#contracts/decision-policy.ts'
import type { Reference } from '#contracts/reference.ts'
import type { Geocoder } from '#integrations/geocoder/port.ts'
import type { Inference } from '#integrations/inference/port.ts'
import type { Drift } from '#integrations/drift/port.ts'
import type { FeatureStore } from '#integrations/feature-store/port.ts'
import type { Mail } from '#integrations/mail/port.ts'
import type { Models } from '#integrations/model-registry/port.ts'
import type { Outbound } from '#integrations/outbound/port.ts'
import type { Routing } from '#integrations/routing/port.ts'
import type { Text } from '#integrations/text/port.ts'
import type { Blobs } from '#platform/blobs/port.ts'
import type { Cache } from '#platform/cache/port.ts'
import type { Database } from '#platform/db/port.ts'
import type { EventLog } from '#platform/events/port.ts'
import type { Jobs } from '#platform/jobs/port.ts'
import type { Secrets } from '#platform/secrets/port.ts'
import type { Log, Metrics } from '#platform/telemetry/port.ts'

export type { Actor } from '#platform/auth/actor.ts'

/** Every port, and the clock. Functions name the slice they use: `Pick<Context, 'db' | 'now'>`. */
export type Context = {
  readonly db: Database
  readonly events: EventLog
  readonly jobs: Jobs
  readonly cache: Cache
  readonly blobs: Blobs
  readonly secrets: Secrets
  readonly log: Log
  readonly metrics: Metrics
  readonly geocoder: Geocoder
  readonly routing: Routing
  readonly mail: Mail
  readonly text: Text
  /** Calls to addresses that people give. */
  readonly outbound: Outbound
  readonly inference: Inference
  readonly models: Models
  readonly features: FeatureStore
  /** Every engine makes a report of its own. */
  readonly drift: readonly Drift[]
  /** Its `decision` is what `policy` serves at that moment. */
  readonly reference: Reference
  readonly policy: LivePolicy
  /** Epoch milliseconds. */
  readonly now: () => number
}
