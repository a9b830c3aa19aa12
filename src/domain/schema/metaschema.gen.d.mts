/** ajv's validator of the JSON Schema 2020-12 metaschema; its errors are left on the function. */
export interface MetaschemaError {
  instancePath: string
  keyword: string
  message?: string
  params: Record<string, unknown>
}
export declare const validateMetaschema: ((schema: unknown) => boolean) & { errors?: MetaschemaError[] | null }
