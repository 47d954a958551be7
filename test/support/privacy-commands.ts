import { Command } from 'commander'
import { keyCommands } from '../../src/cli/keys.ts'
import { privacyCommands } from '../../src/cli/privacy.ts'
import type { Program } from '../../src/cli/open.ts'

/** Names of all commands about privacy and keys. */
export function privacyCommandNames(): string[] {
  const cli = new Command('smartreturns')
  privacyCommands(cli, {} as Program)
  keyCommands(cli, {} as Program)
  const names = (command: Command): string[] => command.commands.flatMap((each) => [each.name(), ...names(each)])
  return names(cli)
}
