/** For loops over what a test found: over nothing they would pass without having looked at anything. */

/** The same as a list; with nothing in it, the test fails. */
export function notEmpty<T>(found: Iterable<T>): T[] {
  const list = [...found]
  if (list.length === 0) throw new Error('there is nothing here to look at')
  return list
}
