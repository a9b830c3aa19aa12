/** Whether an answer and its schema in the OpenAPI document say the same: fields that are not described, and those that never came. */

// biome-ignore lint/suspicious/noExplicitAny: schemas are read freely.
type Schema = any

export class Comparison {
  /** Fields of answers that the document does not know, as `Schema.field`. */
  readonly undocumented = new Set<string>()
  readonly #described = new Set<string>()
  readonly #seen = new Set<string>()

  constructor(private readonly document: Schema) {}

  /** Walks a value along its schema; `name` is what the schema is called in reports. */
  walk(schema: Schema, value: unknown, name: string): void {
    const { all, named } = this.#alternatives(schema, name)
    if (Array.isArray(value)) {
      const items = all.map(one => one.items).filter(Boolean)
      if (items.length > 0) for (const item of value) this.walk({ anyOf: items }, item, named)
      return
    }
    if (typeof value !== 'object' || value === null) return
    const open = all.some(one => isOpen(one))
    const fields = new Map<string, Schema[]>()
    for (const one of all) {
      for (const [field, inner] of Object.entries(one.properties ?? {})) {
        fields.set(field, [...(fields.get(field) ?? []), inner])
        this.#described.add(`${named}.${field}`)
      }
    }
    for (const [field, inner] of Object.entries(value)) {
      const known = fields.get(field)
      if (known === undefined) {
        const more = all.map(one => one.additionalProperties).filter(each => typeof each === 'object')
        if (more.length > 0) this.walk({ anyOf: more }, inner, `${named}.*`)
        else if (!open) this.undocumented.add(`${named}.${field}`)
        continue
      }
      this.#seen.add(`${named}.${field}`)
      this.walk({ anyOf: known }, inner, `${named}.${field}`)
    }
  }

  /** Fields that are described where an answer was compared, and that no answer had. */
  get neverSeen(): string[] {
    return [...this.#described].filter(field => !this.#seen.has(field)).sort()
  }

  /** Every schema that the value may follow, references and unions taken apart; named by its component where it is one. */
  #alternatives(schema: Schema, name: string): { all: Schema[]; named: string } {
    if (schema?.$ref !== undefined) {
      const component = String(schema.$ref).split('/').at(-1)!
      return this.#alternatives(this.document.components.schemas[component], component)
    }
    const parts: Schema[] = [...(schema?.anyOf ?? []), ...(schema?.oneOf ?? []), ...(schema?.allOf ?? [])]
    const inner = parts.map(part => this.#alternatives(part, name))
    const named = inner.length === 1 ? inner[0]!.named : (inner.find(one => one.named !== name)?.named ?? name)
    return { all: [schema ?? {}, ...inner.flatMap(one => one.all)], named }
  }
}

/** An object without described fields may hold any; a union's own frame says nothing. */
function isOpen(schema: Schema): boolean {
  if (schema.anyOf || schema.oneOf || schema.allOf || schema.$ref) return false
  return (
    schema.additionalProperties === true ||
    (schema.properties === undefined && schema.additionalProperties === undefined)
  )
}
