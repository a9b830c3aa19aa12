/** The formats that are checked. The rest, and unknown ones, only describe, as the specification has it; the lint says so. */
export const FORMATS: ReadonlySet<string> = new Set('date time date-time duration email ipv4 ipv6 uuid uri'.split(' '))
