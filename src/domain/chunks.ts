/** A list in parts, for whoever may do only so much side by side. */

/** An invocation has six outgoing connections: more calls at once would wait for each other. */
export const SIDE_BY_SIDE = 6

/** The items in lists of at most `size`, in order. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
