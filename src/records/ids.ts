/** Ids: a prefix that says what it names, and base32 characters that fit in a URL and can be read aloud. */
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'
/** 130 bits. */
const TASK_LENGTH = 26
const ID_LENGTH = 20

export type IdKind = 'evt' | 'fil' | 'shr' | 'wf' | 'int' | 'team' | 'user' | 'member' | 'inv' | 'arc'

/** The first `length` base32 characters of these bytes. */
export function base32(bytes: Uint8Array, length: number): string {
  let text = ''
  let buffer = 0
  let bits = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5 && text.length < length) {
      bits -= 5
      text += ALPHABET[(buffer >> bits) & 31]
    }
    buffer &= 255
  }
  return text
}

/** A random id of this kind. */
export function newId(kind: IdKind): string {
  return `${kind}_${base32(crypto.getRandomValues(new Uint8Array(13)), ID_LENGTH)}`
}

/** A random task id. */
export function newTaskId(): string {
  return `tsk_${base32(crypto.getRandomValues(new Uint8Array(17)), TASK_LENGTH)}`
}

/** The task id that a repeated request arrives at again: its parts' SHA-256. */
export async function derivedTaskId(...parts: string[]): Promise<string> {
  // As JSON, so that no two lists of parts read the same.
  const bytes = new TextEncoder().encode(JSON.stringify(parts))
  return `tsk_${base32(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), TASK_LENGTH)}`
}

const TASK_ID = /^tsk_[a-z2-7]{26}$/
/** Whether it can be a task's id; anything else must never reach a Durable Object. */
export function isTaskId(text: string): boolean {
  return TASK_ID.test(text)
}

const OTHER_ID = /^(wf|int|team|fil)_[a-z2-7]{20}$/
/** Whether it can be an id of this kind. */
export function isId(kind: 'wf' | 'int' | 'team' | 'fil', text: string): boolean {
  return OTHER_ID.test(text) && text.startsWith(`${kind}_`)
}

/** SHA-256 as hex. */
export async function sha256Hex(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** Bytes as lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}
