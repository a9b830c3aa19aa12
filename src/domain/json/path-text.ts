/** Paths into documents as people read them: `steps[1].handoffs[0].to`. */

/** Writes a path; numbers, and texts of digits in a list, become `[1]`. The empty path is the document itself. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else if (/^[\w$-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`
    else text += `[${JSON.stringify(String(part))}]`
  }
  return text
}

/** The parts of a JSON pointer (`/steps/1/key`), list places as numbers when the value it points into says so. */
export function pointerPath(pointer: string, value: unknown): (string | number)[] {
  const path: (string | number)[] = []
  let at = value
  for (const raw of pointer.split('/').slice(1)) {
    const name = decoded(raw).replaceAll('~1', '/').replaceAll('~0', '~')
    const part = Array.isArray(at) ? Number(name) : name
    path.push(part)
    at = typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[part] : undefined
  }
  return path
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
