/** A form of a page with its values as a browser would send them untouched. */

const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const attribute = (tag: string, name: string) => {
  const match = new RegExp(`\\s${name}(?:="([^"]*)")?(?=[\\s/>])`).exec(tag)
  return match ? unescaped(match[1] ?? '') : null
}

/** The fields of the form with this id, or that is sent there; buttons are nobody's choice yet. */
export function formOf(html: string, id: string): Record<string, string> {
  const start = html.search(new RegExp(`<form[^>]*\\s(?:id|action)="${id}"`))
  if (start < 0) throw new Error(`the page has no form ${id}`)
  const form = html.slice(start, html.indexOf('</form>', start))
  const values: Record<string, string> = {}
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const [name, type] = [attribute(tag, 'name'), attribute(tag, 'type')]
    if (name === null) continue
    if ((type === 'checkbox' || type === 'radio') && attribute(tag, 'checked') === null) continue
    values[name] = attribute(tag, 'value') ?? (type === 'checkbox' ? 'on' : '')
  }
  for (const [, tag, text] of form.matchAll(/(<textarea[^>]*>)([\s\S]*?)<\/textarea>/g)) {
    const name = attribute(tag!, 'name')
    // A browser takes away the first line break, and sends the others as CRLF.
    if (name !== null) values[name] = unescaped(text!).replace(/^\n/, '').replaceAll('\n', '\r\n')
  }
  for (const [, tag, options] of form.matchAll(/(<select[^>]*>)([\s\S]*?)<\/select>/g)) {
    const name = attribute(tag!, 'name')
    const all = [...options!.matchAll(/<option[^>]*>/g)].map(match => match[0])
    const chosen = all.find(option => attribute(option, 'selected') !== null) ?? all[0]
    if (name !== null && chosen !== undefined) values[name] = attribute(chosen, 'value') ?? ''
  }
  return values
}
