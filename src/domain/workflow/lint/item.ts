/** One finding of the lint, and the collector that the rules report to. */
import { pathText } from '../../json/path-text.ts'

/** A finding: where, how bad, which kind, what is wrong and what to do. Errors stand in the way of publishing. */
export interface LintItem {
  /** Where in the document: `steps[1].handoffs[0].to`; empty for the whole. */
  path: string
  level: 'error' | 'warning'
  /** The kind of finding; stays the same for ever. */
  code: LintCode
  message: string
  /** One sentence that says what to do. */
  fix: string
  /** The line in the author's text, from 1, where somebody looked it up. */
  line?: number
}

export const LINT_CODES = [
  // of the document's shape
  'not_an_object',
  'too_large',
  'too_deep',
  'forbidden_key',
  'unknown_key',
  'missing_field',
  'wrong_type',
  'bad_key',
  'bad_value',
  // of steps
  'no_steps',
  'duplicate_key',
  'reserved_key',
  'handler_count',
  'unused_field',
  'missing_instructions',
  'unknown_agent',
  'unknown_tool',
  'tool_held_back',
  'unknown_workflow',
  'self_start',
  'unpriced_model',
  'model_takes_no_files',
  'unknown_provider',
  'provider_not_bound',
  'unknown_step',
  'bad_duration',
  'unknown_skill',
  'bad_schema',
  'schema_keyword',
  'schema_unchecked',
  // of several runs
  'not_a_list',
  'unused_branch',
  // of what people fill in
  'form_without_fields',
  // of waits
  'bad_time',
  'endless_wait',
  // of calls
  'templated_host',
  'host_not_allowed',
  'bad_secret',
  'secret_missing',
  'secret_host',
  'unsafe_retry',
  'cache_of_write',
  // of tables
  'bad_table',
  'rule_gap',
  'rule_overlap',
  // of handoffs
  'unknown_target',
  'unknown_label',
  'label_never_given',
  'condition_never_asked',
  'handoff_never_tried',
  'missing_fallback',
  'dead_end',
  'unreachable',
  'loop_without_exit',
  // of people
  'overdue_approves',
  'overdue_without_due',
  'nobody_assigned',
  'bad_assignee',
  'outside_person',
  'no_owner',
  'too_few_people',
  'never_sampled',
  // of texts
  'bad_template',
  'bad_condition',
  'unknown_variable',
  'unknown_field',
] as const
export type LintCode = (typeof LINT_CODES)[number]

export type LintPath = readonly PropertyKey[]

/** What a rule says: the kind, what is wrong, what to do. */
export type Finding = [code: LintCode, message: string, fix: string]

/** Gathers findings. */
export class Report {
  readonly items: LintItem[] = []

  error(path: LintPath, ...[code, message, fix]: Finding): void {
    this.items.push({ path: pathText(path), level: 'error', code, message, fix })
  }

  warn(path: LintPath, ...[code, message, fix]: Finding): void {
    this.items.push({ path: pathText(path), level: 'warning', code, message, fix })
  }
}

/** Names for a sentence: `a`, `b` and `c`. */
export function listed(names: readonly string[]): string {
  const quoted = names.map(name => `\`${name}\``)
  const last = quoted.at(-1) ?? 'none'
  return quoted.length < 2 ? last : `${quoted.slice(0, -1).join(', ')} and ${last}`
}

/** "Did you mean …?" when there is a near name, else what there is to choose from. */
export function suggestion(near: string | null, all: readonly string[], otherwise: string): string {
  if (near !== null) return `Did you mean \`${near}\`?`
  return all.length === 0 ? otherwise : `Use one of ${listed(all.slice(0, 12))}.`
}
