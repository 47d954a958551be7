import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { readKeyStatus, retireKeys, rotateKeys, type RotationContext } from '#platform/secrets/rotate.ts'
import { print, progress, type Program } from './open.ts'

type Output = { readonly json?: boolean }

/** `keys`: the master key and what it wraps. */
export function keyCommands(cli: Command, program: Program): void {
  const keys = cli
    .command('keys')
    .description('the master key: which keys there are, its rotation, the end of old ones')
  const by = () => `cli:${userInfo().username}`
  const withKeys = async <T>(run: (ctx: RotationContext) => Promise<T>): Promise<T> => {
    const opened = await program.openKeys()
    try {
      return await run(opened.ctx)
    } finally {
      await opened.close()
    }
  }
  keys
    .command('status')
    .description('where the master key is, and what is wrapped by which key')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const status = await withKeys(readKeyStatus)
      if (options.json) return print(JSON.stringify(status))
      print(`master key: ${status.engine}, ${status.place}${status.isRotating ? '; a rotation is unfinished' : ''}`)
      for (const key of status.keys)
        print(`  ${key.id}  ${key.purpose.padEnd(8)} ${key.isCurrent ? 'current' : 'old    '} ${key.persons} persons`)
    })
  keys
    .command('rotate')
    .description(
      'make a new master key and wrap everything anew, beside traffic; goes on with one that was interrupted',
    )
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const done = await withKeys((ctx) =>
        rotateKeys(ctx, by(), {
          progress: ({ persons, blobs }) => progress(`${persons} persons, ${blobs} files wrapped anew`),
        }),
      )
      if (options.json) return print(JSON.stringify(done))
      print(
        `${done.isResumed ? 'went on with' : 'made'} rotation ${done.id}: ${done.persons} persons, ${done.blobs} files`,
      )
      print('the old key still opens older backups; `keys retire` ends it')
    })
  keys
    .command('retire')
    .description('end old keys that nothing needs any more; backups from before the rotation can then not be opened')
    .option('--json', 'the result as JSON')
    .action(async (options: Output) => {
      const done = await withKeys((ctx) => retireKeys(ctx, by()))
      if (options.json) return print(JSON.stringify(done))
      print(
        done.retired === 0
          ? 'nothing to end: there is no old key, a rotation is unfinished, or it finished less than 10 minutes ago'
          : `${done.retired} old keys ended`,
      )
    })
}
