/** Fields of an input that hold a file: which they are, and that each holds the id of one of the task's files. */
import type { Json, JsonSchema } from '../json/json.ts'

interface FileField {
  name: string
  /** Whether it holds a list of files. */
  many: boolean
}

type Fields = { [key: string]: Json | undefined }

/** A file that came under this name; what came as an attachment, or as the part `file`, has none of its own. */
export interface NamedFile {
  field: string
  file: { id: string }
}

/** The fields of an input schema that hold files: `format: file`, itself or of a list's items. */
function fileFields(schema: JsonSchema | undefined): FileField[] {
  const properties = isObject(schema) ? schema.properties : undefined
  if (!isObject(properties)) return []
  return Object.entries(properties).flatMap(([name, property]): FileField[] => {
    if (!isObject(property)) return []
    if (property.format === 'file') return [{ name, many: false }]
    return isObject(property.items) && property.items.format === 'file' ? [{ name, many: true }] : []
  })
}

/**
 * The input with the ids of these files where its schema has a place for them: under their own name, or, where no name
 * says it, in the one field for files that there is. A file that stands for itself, as an object, becomes its id.
 */
export function placeFiles(schema: JsonSchema | undefined, input: Json, files: readonly NamedFile[]): Json {
  const fields = fileFields(schema)
  if (fields.length === 0 || !isObject(input)) return input
  const placed: Fields = { ...input }
  for (const { name, many } of fields) {
    const own = files.filter(({ field }) => field === name)
    const given = own.length > 0 || fields.length > 1 ? own : files
    const ids = given.map(({ file }) => file.id)
    if (placed[name] === undefined || (own.length > 0 && !namesFiles(placed[name]))) {
      if (ids.length > 0) placed[name] = many ? ids : ids[0]!
    } else placed[name] = many ? [placed[name]].flat().map(idOf) : idOf(placed[name])
  }
  return placed as Json
}

/** The ids in the fields for files, and where each stands. */
export function namedFiles(schema: JsonSchema | undefined, input: Json): { field: string; id: string }[] {
  if (!isObject(input)) return []
  return fileFields(schema).flatMap(({ name }) =>
    [input[name]].flat().flatMap(id => (typeof id === 'string' ? [{ field: name, id }] : [])),
  )
}

/** The value with each text in it that is one of these ids replaced by the other. */
export function renamed(value: Json, ids: ReadonlyMap<string, string>): Json {
  if (typeof value === 'string') return ids.get(value) ?? value
  if (Array.isArray(value)) return value.map(item => renamed(item, ids))
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, renamed(inner as Json, ids)]))
}

function namesFiles(value: Json | undefined): boolean {
  return [value].flat().every(item => typeof idOf(item as Json) === 'string')
}

function idOf(value: Json): Json {
  return isObject(value) && typeof value.id === 'string' ? value.id : value
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
