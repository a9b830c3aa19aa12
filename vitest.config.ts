/** The projects: pure rules under Node and the Worker under workerd (the fast ones), then the bundle, and faults. */
import path from 'node:path'
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers'
import { defineConfig } from 'vitest/config'

const root = import.meta.dirname

/** A test that checks nothing, or a table of cases without a case, is a failure and not a pass. */
const provesSomething = {
  setupFiles: ['./tests/support/no-empty-tables.ts'],
  expect: { requireAssertions: true },
}

export default defineConfig({
  test: {
    // An object whose alarm rings as its file's last test ends loads a module from a runner that is gone. That one thing
    // says nothing of the code; every other unhandled error fails the run.
    onUnhandledError: error =>
      error.name === 'EnvironmentTeardownError' && /Closing rpc while "\w+" was pending/.test(error.message ?? '')
        ? false
        : undefined,
    projects: [
      {
        test: {
          ...provesSomething,
          name: 'node',
          include: ['tests/node/**/*.test.ts'],
          environment: 'node',
          testTimeout: 10_000,
        },
      },
      // These start the Worker as it is deployed, or as `npm start` does, one at a time.
      {
        test: {
          ...provesSomething,
          name: 'smoke',
          include: ['tests/smoke/**/*.test.{ts,mjs}'],
          environment: 'node',
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...provesSomething,
          name: 'faults',
          include: ['tests/faults/**/*.test.{ts,mjs}'],
          environment: 'node',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 120_000,
        },
      },
      {
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: path.join(root, 'wrangler.toml') },
            miniflare: {
              // The backstop behind every mock: no test reaches the network.
              outboundService: (request: { url: string }) =>
                new Response(`blocked by the tests: ${request.url}`, { status: 599 }) as never,
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations(path.join(root, 'migrations')),
                BATON_SECRET: 'test-secret-0123456789abcdef-test-secret-0123456789abcdef-000000',
                BATON_URL: 'https://baton.test',
                BATON_LOCAL: '1',
                BATON_LOCAL_TOKEN: 'test-token',
                // Whoever runs the tests may have real ones in .dev.vars.
                BATON_SECRET_OLD: '',
                OPENAI_API_KEY: '',
                OPENAI_BASE_URL: '',
                BATON_MODEL: '',
                BATON_MAIL_FROM: '',
                BATON_MAIL_DOMAIN: '',
                BATON_OIDC_ISSUER: '',
              },
            },
          })),
        ],
        test: {
          ...provesSomething,
          name: 'workerd',
          include: ['tests/workerd/**/*.test.ts'],
          // Two cores do two files in two thirds of the time that they take one after the other.
          maxWorkers: 2,
          setupFiles: [
            ...provesSomething.setupFiles,
            './tests/support/workerd-setup.ts',
            './tests/support/no-full-scans.ts',
          ],
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
    ],
  },
})
