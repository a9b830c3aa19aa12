/** JSON as types: the values that tasks carry and the schemas that people write. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type JsonObject = { [key: string]: Json }
export type JsonSchema = { [key: string]: Json }
