import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Metrics } from './port.ts'

const seconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Metrics in the text format of Prometheus; a metric is made on first use, with the labels it was first used with. */
export function openMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const made = new Map<string, Counter | Gauge | Histogram>()
  function metric<T extends Counter | Gauge | Histogram>(name: string, make: () => T): T {
    const known = made.get(name)
    if (known !== undefined) return known as T
    const fresh = make()
    made.set(name, fresh)
    return fresh
  }
  const none = {}
  return {
    count: (name, help, labels = none, by = 1) =>
      metric(name, () => new Counter({ name, help, labelNames: Object.keys(labels), registers: [registry] })).inc(
        labels,
        by,
      ),
    observe: (name, help, value, labels = none) =>
      metric(
        name,
        () => new Histogram({ name, help, labelNames: Object.keys(labels), buckets: seconds, registers: [registry] }),
      ).observe(labels, value),
    gauge: (name, help, value, labels = none) =>
      metric(name, () => new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] })).set(
        labels,
        value,
      ),
    text: () => registry.metrics(),
  }
}
