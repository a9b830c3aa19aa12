/** How a person's mail address stands for them. */

/** What of an address is enough to tell people of a team apart. */
export function shortName(address: string): string {
  return address.split('@')[0] || address
}
