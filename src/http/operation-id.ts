/** The name of an API operation, by which generated clients call it: made of method and path, and as stable as these. */

const VERBS = { get: 'get', post: 'create', put: 'replace', patch: 'update', delete: 'delete' } as const

/** `GET /tasks/{id}/events` → `listTaskEvents`, `POST /tasks/{id}/cancel` → `cancelTask`. */
export function operationId(method: keyof typeof VERBS, path: string): string {
  const parts = path.split('/').filter(Boolean)
  const last = parts.at(-1) ?? ''
  if (last.startsWith('{')) return VERBS[method] + things(parts.slice(0, -1))
  const owners = things(parts.slice(0, -1))
  if (!last.endsWith('s'))
    return method === 'post' ? words(last) + owners : VERBS[method] + owners + capital(words(last))
  if (method === 'post') return VERBS.post + owners + capital(words(singular(last)))
  return (method === 'get' ? 'list' : VERBS[method]) + owners + capital(words(last))
}

function things(parts: string[]): string {
  const named = parts.filter(part => !part.startsWith('{'))
  return named.map(part => capital(words(singular(part)))).join('')
}

function singular(word: string): string {
  return word.endsWith('ies') ? `${word.slice(0, -3)}y` : word.replace(/s$/, '')
}

function words(part: string): string {
  return part.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
