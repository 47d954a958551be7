import { runCommandLine } from '#cli/main.ts'
import type { OpenedProgram, Program } from '#cli/open.ts'

/** Runs a command on a product that is open already; answers what it printed and its exit code. */
export async function runCli(
  opened: Pick<OpenedProgram, 'ctx' | 'audit'>,
  words: readonly string[],
): Promise<{ readonly code: number; readonly output: string }> {
  const program = {
    version: 'test',
    open: () => Promise.resolve({ ...opened, close: () => Promise.resolve() }),
  } as unknown as Program
  const write = process.stdout.write.bind(process.stdout)
  let output = ''
  process.stdout.write = (text: string | Uint8Array) => {
    output += typeof text === 'string' ? text : Buffer.from(text).toString()
    return true
  }
  try {
    return { code: await runCommandLine(program, words), output }
  } finally {
    process.stdout.write = write
    process.exitCode = 0
  }
}
