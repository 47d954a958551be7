import type { TestContext } from 'node:test'
import { contextOn, type ContextOn } from './context-on.ts'
import { testDatabase, type TestDatabase } from './database.ts'

export { testSecrets } from './context-on.ts'

export type TestContextOf = ContextOn<TestDatabase>

/** The product's context on a fresh database; `clock.ms` is the time, and stands still unless moved. */
export async function openTestContext(
  t: Pick<TestContext, 'after'>,
  options: { poolMax?: number } = {},
): Promise<TestContextOf> {
  return contextOn(await testDatabase(t, options))
}
