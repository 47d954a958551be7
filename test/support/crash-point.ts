import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded before the program (`--import`), to kill it at one point of its work with jobs on RabbitMQ: SMARTRETURNS_TEST_CRASH is
 * `after_commit <kind>`: what is committed is not sent.
 */
type Point = { readonly publish: (...words: unknown[]) => unknown }
type Model = { readonly ConfirmChannel: { readonly prototype: Point } }

const [point, kind = ''] = (process.env['SMARTRETURNS_TEST_CRASH'] ?? '').split(' ')
const die = () => process.kill(process.pid, 'SIGKILL')
// By its path: the package does not show its insides.
const file = join(import.meta.dirname, '..', '..', 'node_modules', 'amqplib', 'lib', 'channel_model.js')
const model = createRequire(import.meta.url)(file) as Model

if (isMainThread && point === 'after_commit') {
  const { publish } = model.ConfirmChannel.prototype
  Object.assign(model.ConfirmChannel.prototype, {
    publish(this: unknown, ...words: unknown[]) {
      if (String(words[1]).endsWith(`.jobs.${kind}`)) die()
      return publish.apply(this, words)
    },
  })
}
