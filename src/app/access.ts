/** The door of every page: which act an address is, and whether who asks may do it. An address that is not listed here opens to nobody. */
import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import { type Person, personIn } from '../domain/caller.ts'
import { ACTS, type Act, may, onlyFor } from '../domain/permissions.ts'
import { inTeam, keepTeam, TEAM } from '../http/page/keep-team.ts'
import { errorPage, type PageContext, type PageEnv } from '../http/page/page.tsx'
import { teamOf } from '../records/people/teams.ts'
import { withOrigin } from '../team/origin.ts'
import { askToSignIn, findPerson } from '../team/sign-in/session.ts'

/** Addresses that need nobody to be signed in: they say nothing of a team, or the address itself is what lets in. */
const OPEN = [
  'GET /',
  'GET /sign-in',
  'POST /sign-in',
  'GET /sign-in/link',
  'POST /sign-in/link',
  'GET /sign-in/local/:token',
  'GET /sign-in/oidc',
  'GET /sign-in/oidc/done',
  'POST /sign-out',
  'GET /join/:token',
  'POST /join/:token',
  'GET /outbox',
  'GET /outbox/:id{[0-9]{1,15}}',
  'GET /schema/workflow.json',
  'GET /a/:token',
  'GET /d/:token',
  'POST /a/:token',
  'GET /f/:intake',
  'POST /f/:intake',
  'GET /s/:token',
  'GET /.well-known/baton-audit-keys.json',
  'GET /v/:token',
  'GET /e/:token',
  'GET /e/:token/badge.svg',
]

/** All others, by what they are acts of. Looking at a form changes nothing: what it sends is the act. */
const ROUTES: Partial<Record<Act, string[]>> = {
  'tasks.see': [
    'GET /approvals',
    'GET /approvals/:task',
    'GET /approvals/count',
    'GET /approvals/together',
    'GET /audit',
    'GET /files/:id',
    'GET /audit.csv',
    'GET /audit.jsonl',
    'GET /audit/proof',
    'GET /audit/proof.jsonl',
    'GET /corrections',
    'GET /settings/alerts',
    'GET /settings/limits',
    'GET /settings/hours',
    'GET /settings/embedding',
    'GET /settings/models',
    'GET /settings/prices',
    'GET /health',
    'GET /metrics',
    'GET /search',
    'GET /tasks/:id',
    'GET /tasks/:id/compare',
    'GET /tasks/:id/document',
    'GET /workflows/:id/callbacks',
    'GET /workflows/:id/live',
    'GET /workflows/:id/metrics',
    'GET /workflows/:id/move',
    'GET /workflows/:id/review',
    'GET /workflows/:id/tasks/new',
  ],
  'workflows.see': [
    'GET /workflows',
    'GET /workflows/new',
    'GET /workflows/import',
    'GET /workflows/:id',
    'GET /workflows/:id/docs',
    'GET /workflows/:id/edit',
    'GET /workflows/:id/edit/settings',
    'GET /workflows/:id/edit/steps/:step',
    'GET /workflows/:id/edit/yaml',
    'GET /workflows/:id/export',
    'GET /workflows/:id/graph',
    'GET /workflows/:id/manage',
    'GET /workflows/:id/publish',
    'GET /workflows/:id/versions',
    'GET /workflows/:id/reviews',
    'GET /workflows/:id/intakes',
    'GET /workflows/:id/intakes/new',
    'GET /workflows/:id/intakes/:intake',
    'GET /workflows/:id/intakes/:intake/delete',
    'GET /workflows/:id/intakes/:intake/edit',
    'GET /workflows/:id/intakes/:intake/preview',
    'GET /templates',
    'GET /agents',
    'GET /agents/new',
    'GET /agents/:key',
    'GET /skills',
    'GET /skills/new',
    'GET /skills/:key',
    'GET /answers',
    'GET /knowledge',
    'GET /knowledge/new',
    'GET /knowledge/:key',
    'GET /tools',
    'GET /tools/new',
    'GET /tools/import',
    'GET /tools/:key',
    'GET /mcp-servers',
    'GET /mcp-servers/new',
    'GET /mcp-servers/:key',
  ],
  'questions.answer': ['POST /approvals/:task', 'POST /approvals/together', 'POST /tasks/:id/decide'],
  'people.see': ['GET /settings', 'GET /settings/people'],
  // Whether it is oneself who leaves or is away is looked at where it is done.
  'self.manage': [
    'GET /settings/you',
    'POST /settings/you/sessions/:id/end',
    'POST /settings/you/sessions/end',
    'GET /settings/notifications',
    'POST /settings/notifications',
    // Of the team's it is looked at there, as of one's own.
    'POST /settings/notifications/channels',
    'POST /settings/notifications/channels/:channel/test',
    'POST /settings/notifications/channels/:channel/rotate',
    'POST /settings/notifications/channels/:channel/delete',
    'POST /settings/notifications/messages/:message/send',
    'POST /settings/switch',
    'GET /settings/people/:member/remove',
    'POST /settings/people/:member/remove',
    'GET /settings/people/:member/away',
    'POST /settings/people/:member/away',
  ],
  'teams.make': ['GET /teams/new', 'POST /teams/new'],
  'sessions.end': ['POST /settings/people/:member/sign-out'],
  'tasks.act': [
    'POST /alerts/:alert/mute',
    'POST /health/wake',
    'POST /approvals/:task/resend',
    'POST /tasks/:id/comment',
    'POST /tasks/:id/keep',
    'POST /tasks/:id/rerun',
    'POST /tasks/:id/shares',
    'POST /tasks/:id/shares/:share/revoke',
    'POST /tasks/:id/:command{cancel|retry|move|route|assign|raise|answer}',
    'POST /workflows/:id/tasks',
    'POST /workflows/:id/held',
    'POST /workflows/:id/callbacks/:callback/resend',
    'POST /workflows/:id/intakes/:intake/test',
    'POST /workflows/:id/intakes/:intake/replay',
    'POST /workflows/:id/intakes/:intake/deliveries/:delivery/replay',
    'POST /intakes/:id/run',
  ],
  'tasks.delete': ['GET /tasks/:id/delete', 'POST /tasks/:id/delete', 'GET /tasks/:id/erase', 'POST /tasks/:id/erase'],
  'workflows.change': [
    'POST /workflows/new',
    'POST /workflows/import',
    'POST /templates/:slug',
    'POST /workflows/:id/activate',
    'POST /workflows/:id/archive',
    'POST /workflows/:id/baseline',
    'POST /workflows/:id/clone',
    'GET /workflows/:id/dry-run',
    'POST /workflows/:id/dry-run',
    'POST /workflows/:id/delete',
    'POST /workflows/:id/pause',
    'POST /workflows/:id/restore',
    'POST /workflows/:id/review',
    'POST /workflows/:id/template',
    'POST /workflows/:id/publish',
    'POST /workflows/:id/publish/tasks',
    'POST /workflows/:id/versions/revert',
    'POST /workflows/:id/callbacks/rotate',
    'POST /workflows/:id/callbacks/secret',
    'POST /workflows/:id/edit/delete',
    'POST /workflows/:id/edit/example',
    'POST /workflows/:id/edit/finish',
    'POST /workflows/:id/edit/move',
    'POST /workflows/:id/edit/settings',
    'POST /workflows/:id/edit/steps',
    'POST /workflows/:id/edit/steps/:step',
    'POST /workflows/:id/edit/steps/:step/call',
    'POST /workflows/:id/edit/steps/:step/curl',
    'POST /workflows/:id/edit/steps/:step/handoffs',
    'POST /workflows/:id/edit/steps/:step/preview',
    'POST /workflows/:id/edit/steps/:step/try',
    'POST /workflows/:id/edit/yaml',
  ],
  'intakes.change': [
    'POST /workflows/:id/intakes',
    'POST /workflows/:id/intakes/new',
    'POST /workflows/:id/intakes/:intake/delete',
    'POST /workflows/:id/intakes/:intake/edit',
    'POST /workflows/:id/intakes/:intake/preview',
    'POST /workflows/:id/intakes/:intake/rotate',
    'POST /intakes/:id/change',
    'POST /intakes/:id/pause',
    'POST /intakes/:id/resume',
  ],
  'answers.take': ['POST /answers/:answer/take', 'POST /answers/:answer/refuse'],
  'agents.change': [
    'POST /agents/new',
    'POST /agents/:key',
    'POST /agents/:key/delete',
    'POST /agents/:key/try',
    'POST /skills/new',
    'POST /skills/:key',
    'POST /skills/:key/delete',
    'POST /knowledge/new',
    'POST /knowledge/:key',
    'POST /knowledge/:key/check',
    'POST /knowledge/:key/delete',
  ],
  'tools.change': [
    'POST /tools/new',
    'POST /tools/curl',
    'POST /tools/import',
    'POST /tools/:key',
    'POST /tools/:key/delete',
    'POST /mcp-servers/new',
    'POST /mcp-servers/:key',
    'POST /mcp-servers/:key/accept',
    'POST /mcp-servers/:key/delete',
    'POST /mcp-servers/:key/refresh',
    'POST /mcp-servers/:key/tools',
  ],
  'tools.try': ['POST /tools/:key/try'],
  'secrets.see': ['GET /settings/keys', 'GET /settings/secrets'],
  'keys.manage': ['POST /settings/keys', 'POST /settings/keys/:id/roll', 'POST /settings/keys/:id/revoke'],
  'secrets.manage': ['POST /settings/secrets', 'POST /settings/secrets/:name/delete'],
  'providers.manage': ['POST /settings/models', 'POST /settings/models/:key/try', 'POST /settings/models/:key/delete'],
  'limits.change': [
    'POST /settings/alerts',
    'POST /settings/limits',
    'POST /settings/hours',
    'POST /settings/embedding',
    'POST /settings/prices',
    'POST /settings/prices/usual',
    'POST /settings/prices/delete',
  ],
  'data.manage': [
    'GET /settings/data',
    'POST /audit/proof',
    'POST /settings/data/retention',
    'GET /settings/data/end',
    'POST /settings/data/end',
    'POST /settings/data/keep',
    'POST /settings/data/export',
    'GET /settings/data/archives/:archive',
    'POST /settings/data/archives/:archive/delete',
  ],
  'people.manage': [
    'POST /settings/people',
    'POST /settings/people/:member/role',
    'POST /settings/invitations/:id/send',
    'POST /settings/invitations/:id/withdraw',
  ],
  'permissions.see': ['GET /settings/permissions'],
}

/** Address → the act that it is; 'open': nobody need be signed in. */
export const ACCESS: ReadonlyMap<string, Act | 'open'> = new Map<string, Act | 'open'>([
  ...OPEN.map(route => [route, 'open'] as const),
  ...Object.entries(ROUTES).flatMap(([act, routes]) => routes.map(route => [route, act as Act] as const)),
])

/** Lets in who is signed in and may do what the address is for; others are asked to sign in, or told who may. */
export const access: MiddlewareHandler<PageEnv> = async (c, next) => {
  const route = matchedRoutes(c).find(({ method }) => method !== 'ALL')
  // Nothing is there: that is said further on.
  if (route === undefined) return next()
  const act = ACCESS.get(`${route.method} ${route.path}`)
  if (act === undefined) throw new Error(`${route.method} ${route.path} stands in no list of src/app/access.ts`)
  if (act === 'open') return next()
  const found = await findPerson(c)
  if (!found) return askToSignIn(c)
  const meant = await inMeantTeam(c, found)
  const person = meant && (await withOrigin(c, meant.team.id, meant))
  c.set('person', person ?? found)
  if (person === null) return errorPage(c, 404)
  if (found.teams.length < 2) return may(person, act) ? next() : refused(c, act)
  // From here on every address names its team: another tab may be in another one.
  const isWhole = c.req.method === 'GET' && c.req.header('HX-Request') !== 'true' && !isSocket(c)
  if (isWhole && c.req.query(TEAM) === undefined) return c.redirect(withTeam(c.req.url, person.team.id), 303)
  if (!may(person, act)) return refused(c, act)
  await next()
  await keepInTeam(c, person.team.id)
}

function refused(c: PageContext, act: Act) {
  return errorPage(c, 403, { title: onlyFor(act), next: ASK[ACTS[act].from] })
}

/** Of tasks, workflows and intakes the id says whose they are, where an address names no team. */
const OF_A_TEAM = /^\/(?:workflows|tasks|approvals|intakes)\/((?:wf|tsk|int)_[a-z2-7]{20,26})(?:\/|$)/

/** The person in the team that the address means; null: one that they do not belong to. */
async function inMeantTeam(c: PageContext, person: Person): Promise<Person | null> {
  const named = c.req.query(TEAM)
  if (named !== undefined) return personIn(person, named)
  const [, id] = (person.teams.length > 1 && OF_A_TEAM.exec(c.req.path)) || []
  const team = id === undefined ? null : await teamOf(c.env.DB, id)
  return (team !== null && personIn(person, team)) || person
}

function isSocket(c: PageContext): boolean {
  return c.req.header('upgrade') !== undefined
}

function withTeam(url: string, team: string): string {
  const { pathname, search } = new URL(url)
  return inTeam(pathname + search, team)
}

/** What the answer leads on to stays in the team. */
async function keepInTeam(c: PageContext, team: string): Promise<void> {
  if (c.res.status === 101) return
  for (const name of ['Location', 'HX-Redirect']) {
    const to = c.res.headers.get(name)
    if (to !== null) c.res.headers.set(name, inTeam(to, team))
  }
  if (!c.res.headers.get('Content-Type')?.startsWith('text/html')) return
  c.res = new Response(keepTeam(await c.res.text(), team), c.res)
}

const ASK = {
  viewer: '',
  member: 'Ask an owner or admin of your team to make you a member.',
  admin: 'Ask one of them to do it.',
  owner: 'Ask an owner of your team.',
}
