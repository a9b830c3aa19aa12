/** The lint of `duplicates`: without a key there is nothing to compare. */
import type { Definition } from '../definition.ts'
import type { Report } from './item.ts'

/** A rule for keys seen before that only tasks with a key given by hand would meet is worth a word. */
export function lintDuplicates({ key, duplicates }: Definition, report: Report): void {
  if (key !== undefined || duplicates === undefined || duplicates === 'allow') return
  const message =
    '`duplicates` compares business keys, and a task of this workflow has none unless its caller gives one.'
  report.warn(['duplicates'], 'unused_field', message, 'Set `key`, such as "{{ input.invoice }}".')
}
