import { readFileSync } from 'node:fs'
import type { Server } from 'node:https'
import { createSecureContext } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { AppError } from '#kernel/errors.ts'
import type { Log } from '#platform/telemetry/port.ts'

export type TlsFiles = { readonly cert: string; readonly key: string }
export type TlsPair = { readonly cert: Buffer; readonly key: Buffer }

/** How often the files are looked at: who renews a certificate replaces two files, one after the other. */
const lookMs = 10_000

/** Both files, checked against each other; throws with the name of the file that is wrong. */
export function readTls(files: TlsFiles): TlsPair {
  const pair = { cert: readPem(files.cert, 'SMARTRETURNS_TLS_CERT'), key: readPem(files.key, 'SMARTRETURNS_TLS_KEY') }
  try {
    createSecureContext(pair)
  } catch (cause) {
    const detail = `the key in ${files.key} is not that of the certificate in ${files.cert}, or one of them is no PEM`
    throw new AppError('invalid', detail, { problem: 'tls_pair_wrong', cause })
  }
  return pair
}

function readPem(path: string, setting: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new AppError('invalid', `${setting}: ${path} cannot be read`, { problem: 'tls_file_missing', cause })
  }
}

/** New connections get the new certificate once both files fit; those that are open go on as they are. */
export function watchTls(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  first: TlsPair,
  log: Pick<Log, 'info' | 'warn'>,
  everyMs = lookMs,
): () => void {
  let served = first
  let refused = ''
  const timer = setInterval(() => {
    try {
      const found = { cert: readFileSync(files.cert), key: readFileSync(files.key) }
      if (found.cert.equals(served.cert) && found.key.equals(served.key)) return
      const pair = readTls(files)
      server.setSecureContext({ ...pair, ...tlsOptions })
      served = pair
      refused = ''
      log.info({ validTo: new X509Certificate(pair.cert).validTo }, 'a new certificate serves')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Once, not every ten seconds: between two files of a renewal this is how it looks.
      if (reason !== refused)
        log.warn({ reason }, 'the certificate was changed and does not fit; the old one serves on')
      refused = reason
    }
  }, everyMs).unref()
  return () => clearInterval(timer)
}

export const tlsOptions = { minVersion: 'TLSv1.2' } as const
