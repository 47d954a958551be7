import { AppError } from '#kernel/errors.ts'
import type { Policy } from '#platform/resilience/policies.ts'
import type { Http, HttpAnswer, HttpCall } from './http.ts'

/** Every call by the policy; only what reads, or says that it may be repeated, is tried again. */
export function guardHttp(http: Http, policy: Policy): Http {
  const guard =
    <T>(ask: (call: HttpCall) => Promise<HttpAnswer<T>>) =>
    (call: HttpCall): Promise<HttpAnswer<T>> =>
      policy.run(
        (signal) =>
          ask({ ...call, signal: call.signal === undefined ? signal : AbortSignal.any([signal, call.signal]) }),
        { isRepeatable: call.isRepeatable ?? call.method === 'GET' },
      )
  return { json: guard(http.json), text: guard(http.text), bytes: guard(http.bytes) }
}

/** A refusal of our own request says nothing of the system's health. */
export function isSystemFailure(error: unknown): boolean {
  return !(error instanceof AppError) || !/^status_4(?!08|29)\d\d$/.test(error.problem)
}
