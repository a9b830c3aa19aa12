/** The types of verify.mjs, which has none of its own, as it runs anywhere. */
export interface Fault {
  /** In the file, from 1. */
  line: number
  kind: 'changed' | 'removed' | 'added' | 'moved' | 'root' | 'key' | 'file'
  text: string
}

/** `faults` in the order of the file, and what was found. */
export interface Verified {
  faults: Fault[]
  [found: string]: unknown
}

/** Checks the lines of an export. `trusted`: keys from elsewhere; `known`: digests of roots from elsewhere, by number. */
export function verify(
  lines: Iterable<string> | AsyncIterable<string>,
  trusted?: readonly unknown[] | null,
  known?: ReadonlyMap<number, string>,
): Promise<Verified>
