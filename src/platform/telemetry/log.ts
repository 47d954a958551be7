import { pino } from 'pino'
import type { Fields, Log } from './port.ts'

const secret = [
  'authorization',
  'cookie',
  'password',
  'token',
  'secret',
  'apiKey',
  'customer',
  'phone',
  'email',
  'address',
]

/** A value on one line: what people send may hold line breaks and terminal codes. */
function oneLine(value: unknown): string {
  const text =
    typeof value === 'string' ? value : value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value)
  return (text ?? '').replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
}

/** JSON lines to stdout, or one readable line each on a terminal. Secrets and personal fields are never written. */
export function openLog(settings: {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly isTerminal: boolean
}): Log {
  if (settings.isTerminal) return terminalLog(settings.level)
  const logger = pino({
    level: settings.level,
    redact: {
      paths: [...secret, ...secret.map((name) => `*.${name}`), ...secret.map((name) => `*.*.${name}`)],
      censor: '[hidden]',
    },
  })
  return {
    debug: (fields, message) => logger.debug(fields, oneLine(message)),
    info: (fields, message) => logger.info(fields, oneLine(message)),
    warn: (fields, message) => logger.warn(fields, oneLine(message)),
    error: (fields, message) => logger.error(fields, oneLine(message)),
  }
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const

function terminalLog(level: keyof typeof ranks): Log {
  const at = (rank: keyof typeof ranks) => (fields: Fields, message: string) => {
    if (ranks[rank] < ranks[level]) return
    const shown = Object.entries(fields)
      .filter(([name]) => !secret.includes(name))
      .map(([name, value]) => `${name}=${oneLine(value)}`)
    process.stderr.write(
      `${new Date().toISOString().slice(11, 19)} ${rank.padEnd(5)} ${oneLine(message)} ${shown.join(' ')}\n`,
    )
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
