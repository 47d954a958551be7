import { pino } from 'pino'
import type { Fields, Log } from './port.ts'
import { oneLine, safeFields } from './safe-fields.ts'

/** JSON lines to stdout, or one readable line each on a terminal. Secrets and personal fields are never written. */
export function openLog(settings: {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly isTerminal: boolean
}): Log {
  if (settings.isTerminal) return terminalLog(settings.level)
  // Errors are plain fields by then: the serializer of pino would write all that a database error quotes.
  const logger = pino({ level: settings.level, serializers: { err: (e) => e } })
  const at = (level: keyof typeof ranks) => (fields: Fields, message: string) => {
    if (logger.isLevelEnabled(level)) logger[level](safeFields(fields), oneLine(message))
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3 } as const

function terminalLog(level: keyof typeof ranks): Log {
  const at = (rank: keyof typeof ranks) => (fields: Fields, message: string) => {
    if (ranks[rank] < ranks[level]) return
    const shown = Object.entries(safeFields(fields)).map(([name, value]) => ` ${oneLine(name)}=${terminalValue(value)}`)
    const time = new Date().toISOString().slice(11, 19)
    process.stderr.write(`${time} ${rank.padEnd(5)} ${oneLine(message)}${shown.join('')}\n`)
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** The stack of an error begins with its type and message. */
function terminalValue(value: unknown): string {
  if (typeof value !== 'object' || value === null || !('stack' in value)) return oneLine(value)
  const cause = 'cause' in value ? ` caused by: ${terminalValue(value.cause)}` : ''
  return oneLine(value.stack) + cause
}
