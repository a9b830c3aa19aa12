/** Where in a JSON text something stands: the dot path to it, for a refusal that names the field. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** The path of the value at this place in the text, such as `order.lines[2].id`; '' for the whole. */
export function pathAt(text: string, offset: number): string {
  const open: { list: boolean; at: string | number }[] = []
  let last = ''
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (index >= offset) break
    const top = open.at(-1)
    if (token === '{' || token === '[') open.push({ list: token === '[', at: token === '[' ? 0 : '' })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && top?.list) top.at = Number(top.at) + 1
    else if (token === ':' && top) top.at = keyOf(last)
    last = token
  }
  return open.reduce((path, { list, at }) => (list ? `${path}[${at}]` : path === '' ? `${at}` : `${path}.${at}`), '')
}

function keyOf(token: string): string {
  try {
    return String(JSON.parse(token))
  } catch {
    return token
  }
}
