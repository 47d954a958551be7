// Loaded before a server that `run.mjs` starts: when the starter is gone, also by kill -9, the server stops as if it had
// been asked to, and soon, so that it can't stand in the way of the next start.
const STOP_MS = 8_000

if (process.channel) {
  process.once('disconnect', () => {
    process.kill(process.pid, 'SIGTERM')
    setTimeout(() => process.exit(1), STOP_MS).unref()
  })
  // Listening holds the channel open; a server that has stopped by itself must be able to end.
  process.channel.unref()
}
