/** Fields that the settings of several kinds of intake share: filter, map and limit; as texts, and back. */
import { TextArea, TextField } from '../../http/components/field.tsx'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'

/** What a settings form holds, as texts. */
export type Given = Record<string, string>

/** What is wrong, and where: a path such as `map.company`. */
export type Fault = { message: string; path?: string } | null

/** The message, if one of these paths, or what lies below it, is what is wrong. */
export function errorAt(fault: Fault, ...paths: string[]): string | undefined {
  const path = fault?.path ?? ''
  return paths.some(one => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`))
    ? fault!.message
    : undefined
}

interface Fields {
  given: Given
  fault: Fault
}

export const FilterField = ({ given, fault, example }: Fields & { example: string }) => (
  <TextField
    label="Filter"
    name="filter"
    required={false}
    value={given.filter}
    error={errorAt(fault, 'filter')}
    spellcheck={false}
    placeholder={example}
    hint="CEL over body, headers (names in lower case) and query. JSON within a text: parse_json(body.Message).type. What it does not let pass makes no task."
  />
)

export const MapField = ({ given, fault, example }: Fields & { example: string }) => (
  <TextArea
    label="Map"
    name="map"
    required={false}
    code
    rows={5}
    spellcheck={false}
    value={given.map}
    error={errorAt(fault, 'map')}
    placeholder={example}
    hint={
      'One field of the input a line: its name, a colon, and Liquid over body, headers and query, as for JSON within a text: {{ body.Message | parse_json }}. Empty: the body is the input.'
    }
  />
)

export const DedupeField = ({ given, fault, example, hint }: Fields & { example: string; hint: string }) => (
  <TextField
    label="Repeats are told by"
    name="dedupe"
    required={false}
    value={given.dedupe}
    error={errorAt(fault, 'dedupe')}
    placeholder={example}
    hint={hint}
  />
)

export const LimitFields = ({ given, fault }: Fields) => (
  <>
    <TextField
      label="At most this many tasks"
      name="count"
      required={false}
      inputmode="numeric"
      value={given.count}
      error={errorAt(fault, 'limit')}
    />
    <TextField label="in so many seconds" name="seconds" required={false} inputmode="numeric" value={given.seconds} />
  </>
)

/** These settings as the fields show them. */
export function sharedGiven({ filter = '', map = {}, dedupe, limit }: IntakeConfig): Given {
  return {
    filter,
    map: mapText(map),
    dedupe: dedupe === undefined ? '' : 'header' in dedupe ? `header: ${dedupe.header}` : `path: ${dedupe.path}`,
    count: limit === undefined ? '' : String(limit.count),
    seconds: limit === undefined ? '' : String(limit.seconds),
  }
}

/** The fields as the API would be sent them; what is empty is null, and so taken away. */
export function sharedSettings({ filter, map, dedupe, count, seconds }: Given): Record<string, unknown> {
  return {
    filter: filter?.trim() || null,
    map: map?.trim() ? readMap(map) : null,
    dedupe: dedupe?.trim() ? readDedupe(dedupe) : null,
    limit: count || seconds ? { count: Number(count || Number.NaN), seconds: Number(seconds || 60) } : null,
  }
}

/** Lines of `name: template`; a line that starts with a blank goes on with the one before. */
export function readMap(text: string): Record<string, string> {
  const fields: [string, string][] = []
  for (const line of text.replaceAll('\r', '').split('\n')) {
    const last = fields.at(-1)
    const found = /^([^:\s][^:]*):(.*)$/.exec(line)
    if (/^\s/.test(line) && last) last[1] += `\n${line.trim()}`
    else if (found) fields.push([found[1]!.trim(), found[2]!.trim()])
    else if (line.trim() !== '') fields.push([line.trim(), ''])
  }
  return Object.fromEntries(fields)
}

function mapText(map: Record<string, string>): string {
  return Object.entries(map)
    .map(([field, template]) => `${field}: ${template.replaceAll('\n', '\n  ')}`)
    .join('\n')
}

function readDedupe(text: string): Record<string, string> {
  const [kind = '', ...rest] = text.split(':')
  return { [kind.trim().toLowerCase()]: rest.join(':').trim() }
}
