/** The validator that tests of models give to the port: the library that the product runs, without its wrapper. */
import { type Schema, Validator } from '@cfworker/json-schema'
import type { Validate } from '../../src/execution/models/answer/envelope.ts'

export const validate: Validate = (schema, value) =>
  new Validator(schema as Schema, '2020-12', false)
    .validate(value)
    .errors.map(({ instanceLocation, error }) => ({ path: instanceLocation.replace(/^#/, ''), message: error }))
