/** @cfworker/json-schema with seams: see scripts/build-validators.mjs. */
export interface OutputUnit {
  keyword: string
  /** A JSON pointer through the schema, `$ref`s included as steps. */
  keywordLocation: string
  /** A JSON pointer into the value. */
  instanceLocation: string
  error: string
}
export declare class Validator {
  constructor(schema: object, draft: '2020-12', shortCircuit: boolean)
  validate(instance: unknown): { valid: boolean; errors: OutputUnit[] }
}
export declare const hooks: {
  /** What patterns are compiled with. */
  RegExp: new (pattern: string, flags?: string) => { test(text: string): boolean }
  /** Called for each subschema applied to a part of the value; may throw to stop. */
  visit: (instance: unknown, schema: unknown) => void
}
