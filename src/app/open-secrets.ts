import { existsSync, readFileSync } from 'node:fs'
import { AppError } from '#kernel/errors.ts'
import type { Database } from '#platform/db/port.ts'
import { openSecrets, type LocalSecrets } from '#platform/secrets/local.ts'
import { openFileMasterKey } from '#platform/secrets/master-key-file.ts'
import type { MasterKey } from '#platform/secrets/port.ts'
import { openMovingMasterKey, openVaultMasterKey } from '#platform/secrets/vault-master-key.ts'
import type { Config } from './config.ts'

export function openMasterKey(config: Config): MasterKey {
  const file = openFileMasterKey(config.masterKeyFile)
  const { SMARTRETURNS_VAULT_URL: url, SMARTRETURNS_VAULT_TOKEN_FILE: tokenFile } = config
  if (url === undefined) return file
  if (config.SMARTRETURNS_VAULT_TOKEN === undefined && tokenFile === undefined)
    throw new AppError(
      'invalid',
      'SMARTRETURNS_VAULT_URL needs SMARTRETURNS_VAULT_TOKEN or SMARTRETURNS_VAULT_TOKEN_FILE',
    )
  const vault = openVaultMasterKey({
    url,
    mount: config.SMARTRETURNS_VAULT_MOUNT,
    key: config.SMARTRETURNS_VAULT_KEY,
    namespace: config.SMARTRETURNS_VAULT_NAMESPACE,
    token: () => config.SMARTRETURNS_VAULT_TOKEN ?? readFileSync(tokenFile!, 'utf8').trim(),
  })
  // What the file wrapped before is opened by it until a rotation has moved it.
  return existsSync(config.masterKeyFile)
    ? openMovingMasterKey(vault, file, (wrapped) => wrapped.startsWith('file.'))
    : vault
}

export function openConfiguredSecrets(config: Config, db: Database, now: () => number): Promise<LocalSecrets> {
  return openSecrets({ db, master: openMasterKey(config), now })
}
