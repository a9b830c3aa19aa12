/**
 * better-auth, as far as Baton uses it: it makes sign-in links, spends them once and opens sessions. Its own routes are
 * not mounted, and only the pages of signing in load it: intakes and the API never pay for it.
 */
import type { Env } from '../../env.ts'
import { isInvited } from '../../records/people/people.ts'
import { allSecrets, derive, toBase64Url } from '../secret.ts'

/** How long a sign-in link holds. */
export const LINK_MINUTES = 10
/** A session that nobody uses ends after this. */
export const IDLE_MS = 24 * 3_600_000
/** And every session after this. */
export const LONGEST_MS = 7 * 24 * 3_600_000

export type Auth = Awaited<ReturnType<typeof build>>

const built = new WeakMap<D1Database, Auth>()

/** The isolate's one better-auth. */
export async function authOf(env: Env): Promise<Auth> {
  const known = built.get(env.DB)
  if (known) return known
  const made = await build(env)
  // Kept only once it is whole: what one request awaits must never hang on what another, ended one had begun.
  await made.$context
  built.set(env.DB, made)
  return made
}

/** The secrets of session cookies: the first signs, the others only verify. */
export function sessionSecrets(env: Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>): Promise<string[]> {
  return Promise.all(allSecrets(env).map(async secret => toBase64Url(await derive(secret, 'session'))))
}

/** Whoever asked for a link is told nothing of whether one was made; this carries it out to the one who sends the mail. */
export type LinkCarrier = { token?: string }

async function build(env: Env) {
  // Not 'better-auth/plugins': that one file brings all of its plugins with it.
  const [{ betterAuth }, { magicLink }, [secret]] = await Promise.all([
    import('better-auth'),
    import('better-auth/plugins/magic-link'),
    sessionSecrets(env),
  ])
  return betterAuth({
    database: env.DB,
    baseURL: env.BATON_URL,
    secret,
    telemetry: { enabled: false },
    logger: { disabled: true },
    // Its own routes are not mounted; the limiter in front of ours holds for all isolates.
    rateLimit: { enabled: false },
    session: { expiresIn: IDLE_MS / 1000, updateAge: 600 },
    advanced: {
      cookiePrefix: 'baton',
      // Its check of the schema runs beside the first request and dies with it; every later call would wait for it for ever.
      // A test compares the migrations with what it asks for instead.
      database: { generateId: () => crypto.randomUUID(), validateSchema: false },
    },
    databaseHooks: {
      user: {
        create: {
          // Nobody signs up on their own: a person comes to be by an invitation, and whoever lets them in has them join.
          before: async person => ((await isInvited(env.DB, person.email, new Date())) ? undefined : false),
        },
      },
    },
    plugins: [
      magicLink({
        storeToken: 'hashed',
        expiresIn: LINK_MINUTES * 60,
        sendMagicLink: ({ token, metadata }) => {
          const carrier = metadata?.carrier as LinkCarrier | undefined
          if (carrier) carrier.token = token
        },
      }),
    ],
  })
}
