/** Fields that the settings of several kinds of intake share: filter, map and limit; as texts, and back. */
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
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

/** Events for open tasks instead of new ones; folded away until there are some. `over`: what their templates read. */
export const EventFields = ({ given, fault, id = '', over }: Fields & { id?: string; over: string }) => (
  <details class="explain" open={Boolean(given.eventName || given.eventKey || errorAt(fault, 'event'))}>
    <summary>Events for tasks that are open, instead of new tasks</summary>
    <div class="form">
      <TextField
        id={`${id}eventName`}
        label="Name of the event"
        name="eventName"
        required={false}
        value={given.eventName}
        error={errorAt(fault, 'event.name')}
        placeholder="paid, or {{ body.type }}"
        hint="A step that waits for this name goes on with it. Empty: what comes makes tasks."
      />
      <TextField
        id={`${id}eventKey`}
        label="Business key of the tasks"
        name="eventKey"
        required={false}
        value={given.eventKey}
        error={fault?.path === 'event' ? fault.message : errorAt(fault, 'event.key')}
        placeholder="{{ body.invoice }}"
        hint={`Every open task of the team with this key has the event. Liquid over ${over}.`}
      />
    </div>
  </details>
)

/** What becomes of a task with a key seen before. */
export const DuplicatesField = ({ given, fault, id = '' }: Fields & { id?: string }) => (
  <Select
    id={`${id}duplicates`}
    label="When an earlier task has the business key"
    name="duplicates"
    value={given.duplicates ?? ''}
    error={errorAt(fault, 'duplicates')}
    options={[
      { value: '', label: 'As the workflow says' },
      { value: 'allow', label: 'Start the new one, too' },
      { value: 'flag', label: 'Start it, and show that it is a duplicate' },
      { value: 'refuse', label: 'Refuse the new one' },
    ]}
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
      label="At most this many tasks or events"
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
export function sharedGiven({ filter = '', map = {}, event, duplicates, dedupe, limit }: IntakeConfig): Given {
  return {
    filter,
    map: mapText(map),
    ...eventGiven(event),
    duplicates: duplicates ?? '',
    dedupe: dedupe === undefined ? '' : 'header' in dedupe ? `header: ${dedupe.header}` : `path: ${dedupe.path}`,
    count: limit === undefined ? '' : String(limit.count),
    seconds: limit === undefined ? '' : String(limit.seconds),
  }
}

/** An event's fields as texts. */
export function eventGiven(event: IntakeConfig['event']): Given {
  return { eventName: event?.name ?? '', eventKey: event?.key ?? '' }
}

/** The event and the rule for keys seen before, as the API would be sent them. */
export function eventSettings({ eventName = '', eventKey = '', duplicates }: Given): Record<string, unknown> {
  const event = { name: eventName.trim(), key: eventKey.trim() }
  return { event: event.name || event.key ? event : null, duplicates: duplicates || null }
}

/** The fields as the API would be sent them; what is empty is null, and so taken away. */
export function sharedSettings(given: Given): Record<string, unknown> {
  const { filter, map, dedupe, count, seconds } = given
  return {
    ...eventSettings(given),
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
