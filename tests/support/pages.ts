/**
 * Every address that a browser can ask for: how the browser tests open it, or why they do not look at it.
 * tests/workerd/team/guard.test.ts holds the list to the app's own routes, so that a new page cannot be forgotten.
 */

/** What there is to look at. */
export interface PageWorld {
  board: string
  tasks: string[]
  approval: string
  /** The same question beside the list, and those of its step together. */
  beside: string
  together: string
  /** A signed link to a question. */
  link: string
  /** A mail in the outbox. */
  mail: string
}

/** Addresses, seen by someone who is signed in, or by a stranger. */
export type Look = { see: (world: PageWorld) => string[]; as?: 'stranger' } | { not: string }

const at = (...paths: string[]): Look => ({ see: () => paths })
const of = (...paths: string[]): Look => ({ see: ({ board }) => paths.map(path => `${board}${path}`) })
const OF_INTAKES: Look = { not: 'intakes.e2e looks at it, for every kind of intake' }

export const PAGES: Record<string, Look> = {
  '/': { not: 'leads on to /workflows' },
  '/sign-in': { see: () => ['/sign-in'], as: 'stranger' },
  '/sign-in/link': { not: 'its link is spent by opening it; people.e2e and keyboard.e2e go through it' },
  '/sign-in/local/:token': { not: 'signs in and leads on' },
  '/sign-in/oidc': { not: 'leads to the provider' },
  '/sign-in/oidc/done': {
    not: 'spends what the provider answered, and leads on; tests/workerd/team/oidc.test.ts goes through it',
  },
  '/join/:token': { not: 'its link is spent by opening it; people.e2e goes through it' },
  '/in/:intake': { not: 'for programs' },
  '/a/:token': { see: ({ link }) => [link] },
  '/d/:token': { not: 'a file' },
  '/files/:id': { not: 'a file' },
  '/f/:intake': OF_INTAKES,
  '/s/:token': OF_INTAKES,
  '/v/:token': { not: 'what it shows is looked at as the preview of /tasks/:id/document' },
  '/e/:token': { not: 'what it shows is looked at as the preview of /tasks/:id/document' },
  '/e/:token/badge.svg': { not: 'a picture' },
  '/settings': { not: 'leads on to /settings/keys' },
  '/settings/keys': at('/settings/keys'),
  '/settings/secrets': at('/settings/secrets'),
  '/settings/models': at('/settings/models'),
  '/settings/alerts': at('/settings/alerts'),
  '/settings/limits': at('/settings/limits'),
  '/settings/hours': at('/settings/hours'),
  '/settings/data': at('/settings/data'),
  '/settings/data/end': at('/settings/data/end'),
  '/settings/data/archives/:archive': { not: 'a file' },
  '/settings/embedding': at('/settings/embedding'),
  '/settings/notifications': at('/settings/notifications'),
  '/settings/you': at('/settings/you'),
  '/settings/people/:member/remove': { not: 'people.e2e goes through it' },
  '/settings/people/:member/away': { not: 'people.e2e goes through it' },
  '/teams/new': at('/teams/new'),
  '/settings/prices': at('/settings/prices'),
  '/settings/people': at('/settings/people'),
  '/settings/permissions': at('/settings/permissions'),
  '/outbox': at('/outbox'),
  '/outbox/:id{[0-9]{1,15}}': { see: ({ mail }) => [mail] },
  '/search': at('/search?q=o'),
  '/audit': at('/audit'),
  '/audit.csv': { not: 'a file' },
  '/audit.jsonl': { not: 'a file' },
  '/audit/proof': at('/audit/proof'),
  '/audit/proof.jsonl': { not: 'a file' },
  '/.well-known/baton-audit-keys.json': { not: 'for programs' },
  '/metrics': at('/metrics'),
  '/corrections': at('/corrections'),
  '/health': at('/health'),
  '/approvals': { see: ({ beside }) => ['/approvals', beside, '/approvals?show=decided'] },
  '/approvals/count': { not: 'a number, for the script of a page that stays open' },
  '/approvals/together': { see: ({ together }) => [together] },
  '/approvals/:task': { see: ({ approval }) => [approval] },
  '/tasks/:id': { see: ({ tasks }) => tasks },
  '/tasks/:id/compare': {
    // Two of one workflow, with the longest titles.
    see: ({ tasks: [, , one, other] }) => [`${one}/compare?with=${other?.split('/').at(-1)}`],
  },
  '/tasks/:id/erase': { see: ({ tasks }) => tasks.slice(0, 1).map(task => `${task}/erase`) },
  '/tasks/:id/delete': { see: ({ tasks }) => tasks.slice(0, 1).map(task => `${task}/delete`) },
  '/tasks/:id/document': {
    see: ({ tasks }) =>
      tasks
        .slice(0, 1)
        .map(task => `${task}/document?share=look&detail=full&inputs=yes&days=7&embed=look&show.title=on`),
  },
  '/workflows': at('/workflows'),
  '/workflows/new': at('/workflows/new'),
  '/workflows/import': at('/workflows/import'),
  '/workflows/:id': of(''),
  '/workflows/:id/edit': of('/edit'),
  '/workflows/:id/edit/steps/:step': of('/edit/steps/approve'),
  '/workflows/:id/edit/settings': of('/edit/settings'),
  '/workflows/:id/edit/yaml': of('/edit/yaml'),
  '/workflows/:id/publish': of('/publish'),
  '/workflows/:id/reviews': of('/reviews'),
  '/workflows/:id/versions': of('/versions'),
  '/workflows/:id/manage': of('/manage'),
  '/workflows/:id/graph': of('/graph'),
  '/workflows/:id/dry-run': of('/dry-run'),
  '/workflows/:id/docs': of('/docs'),
  '/workflows/:id/export': { not: 'a file' },
  '/workflows/:id/metrics': of('/metrics'),
  '/workflows/:id/review': of('/review'),
  '/workflows/:id/callbacks': of('/callbacks'),
  '/workflows/:id/tasks/new': of('/tasks/new'),
  '/workflows/:id/live': { not: 'a socket' },
  '/workflows/:id/move': { not: 'a part of the board, shown in its dialog; journey.e2e opens it' },
  '/workflows/:id/intakes': OF_INTAKES,
  '/workflows/:id/intakes/new': OF_INTAKES,
  '/workflows/:id/intakes/:intake': OF_INTAKES,
  '/workflows/:id/intakes/:intake/edit': OF_INTAKES,
  '/workflows/:id/intakes/:intake/preview': OF_INTAKES,
  '/workflows/:id/intakes/:intake/delete': OF_INTAKES,
  '/schema/workflow.json': { not: 'for programs' },
  '/agents': at('/agents'),
  '/agents/new': at('/agents/new'),
  '/agents/:key': at('/agents/researcher'),
  '/mcp-servers': { not: 'leads on to /tools' },
  '/mcp-servers/new': at('/mcp-servers/new'),
  '/mcp-servers/:key': { not: 'needs a server that answers; journey.e2e looks at it, wide and narrow' },
  '/skills': at('/skills'),
  '/skills/new': at('/skills/new'),
  '/skills/:key': at('/skills/house_style'),
  '/answers': at('/answers'),
  '/knowledge': at('/knowledge', '/knowledge?q=refund'),
  '/knowledge/new': at('/knowledge/new'),
  '/knowledge/:key': at('/knowledge/house_facts'),
  '/tools': at('/tools'),
  '/tools/new': at('/tools/new'),
  '/tools/import': at('/tools/import'),
  '/tools/:key': at('/tools/add_contact', '/tools/send_email'),
  '/templates': at('/templates'),
}
