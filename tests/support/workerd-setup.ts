/** Gives every workerd test file a migrated D1; storage is isolated per file, so a file that needs it per test calls `reset()`. */
/// <reference types="@cloudflare/vitest-pool-workers/types" />
import type { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

const { DB, TEST_MIGRATIONS } = env as unknown as {
  DB: D1Database
  TEST_MIGRATIONS: Parameters<typeof applyD1Migrations>[1]
}
// One batch: applied one by one, as the pool does, they take seconds of every file.
await DB.batch(TEST_MIGRATIONS.flatMap(({ queries }) => queries.map(query => DB.prepare(query))))
