/** The lint of schemas: that they can be used, and that what they say has an effect. */
import type { JsonSchema } from '../../json/json.ts'
import { checkSchema } from '../../schema/check.ts'
import { lintSchema } from '../../schema/lint.ts'
import type { LintPath, Report } from './item.ts'

const CODES = { keyword: 'schema_keyword', unchecked: 'schema_unchecked' } as const

/** Reports what is wrong with a schema; where nothing is, what in it does not do what it seems to. */
export function reportSchema(schema: JsonSchema, path: LintPath, report: Report): void {
  const problems = checkSchema(schema)
  for (const problem of problems) {
    const message = `The schema is not right${at(problem.path)}: ${problem.message}.`
    report.error(path, 'bad_schema', message, 'Correct it; JSON Schema 2020-12 is meant.')
  }
  if (problems.length > 0) return
  for (const hint of lintSchema(schema)) {
    report.warn(path, CODES[hint.kind], `In the schema${at(hint.path)}: ${hint.message}.`, hint.fix)
  }
}

function at(path: string): string {
  return path === '' ? '' : ` at \`${path}\``
}
