/** How much an intake takes (contract): of what is sent, and of what it unpacks to. */
export const LIMIT = 1024 * 1024
