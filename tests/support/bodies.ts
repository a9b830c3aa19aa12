/** For each API route that wants a body: one that it takes. Without it a route refuses the body before it looks whose the id is. */
const http = { url: 'https://api.example.com/' }
const tool = { description: 'x', parameters: { type: 'object' }, http }
const steps = [{ key: 'work', prompt: 'Say hello.', handoffs: [{ to: 'complete' }] }]

export const BODIES: Record<string, Record<string, unknown>> = {
  'PUT /api/v1/workflows/:id': { baton: 1, name: 'X', owner: 'x@people.test', steps },
  'POST /api/v1/workflows/validate': { baton: 1, name: 'X', owner: 'x@people.test', steps },
  'PUT /api/v1/workflows/:id/baseline': { minutes: 9 },
  'POST /api/v1/workflows/:id/dry-run': { input: {} },
  'POST /api/v1/workflows/:id/revert': { version: 1 },
  'POST /api/v1/workflows/:id/held': { start: false },
  'POST /api/v1/workflows/:id/tasks': { input: { company: 'x' } },
  'POST /api/v1/workflows/:id/intakes': { kind: 'webhook' },
  'PATCH /api/v1/intakes/:id': { name: 'x' },
  'PUT /api/v1/embed-origins': { origins: [] },
  'POST /api/v1/tasks/:id/shares': { shows: 'document' },
  'POST /api/v1/tasks/:id/events': { name: 'x' },
  'POST /api/v1/tasks/:id/comments': { text: 'x' },
  'POST /api/v1/tasks/:id/decide': { handoff: 'approved' },
  'POST /api/v1/tasks/:id/move': { step: 'again' },
  'POST /api/v1/tasks/:id/route': { handoff: 'approved' },
  'POST /api/v1/tasks/:id/answer': { happened: true },
  'POST /api/v1/tasks/:id/erase': { texts: ['nobody'] },
  'POST /api/v1/tasks/:id/assign': { to: ['x@people.test'] },
  'POST /api/v1/tasks/:id/raise': { limits: { steps: 90 } },
  'POST /api/v1/tasks/:id/migrate': { version: 1, step: 'again' },
  'PUT /api/v1/agents/:key': { name: 'x', description: 'y' },
  'PUT /api/v1/knowledge/:key': { name: 'X', text: 'x' },
  'PUT /api/v1/retention': { auditDays: 365, taskDays: null },
  'PUT /api/v1/skills/:key': { text: 'x' },
  'PUT /api/v1/tools/:key': tool,
  'PUT /api/v1/mcp-servers/:key': { url: 'https://mcp.example.com/', tools: [] },
  'POST /api/v1/mcp-servers/:key/accept': { tool: 'find' },
  'POST /api/v1/alerts/:id/mute': { hours: 1 },
  'POST /api/v1/providers/:key/try': { model: 'x' },
}

/** What these name is made if it is not there, in one's own team: another's is out of reach by its name. */
export const MAKES_WHAT_IT_NAMES = [
  'PUT /api/v1/secrets/:name',
  'PUT /api/v1/providers/:key',
  'PUT /api/v1/prices/:model',
]
