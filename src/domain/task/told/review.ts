/** What people made of a model's draft: what became of the question about it, and the fields that they changed. */

/** Whose draft it was. */
export interface Drafted {
  /** The step that drafted it. */
  step: string
  agent: string | null
  agentVersion: number | null
  model: string | null
}

/** What became of a question about a model's draft. It replaces what was said of the same question before. */
export interface Review extends Drafted {
  visit: number
  run: number
  /** The call that it is about; '': none. */
  call: string
  kind: 'decide' | 'unsure' | 'call'
  /** The step at which people decide. */
  at: string
  person: string
  /** `open`: not decided yet; `lapsed`: time decided; `undone`: taken back; `sampled`: nobody was asked. */
  verdict: 'open' | 'approved' | 'rejected' | 'lapsed' | 'undone' | 'sampled'
  /** Whether this person changed the draft; once a person has, it stays so. */
  edited: boolean
  /** Of `decide`: what the draft and the question came from (`basisOf`); null: of no step's own question. */
  basis: string | null
}

/** One field that a person changed, or had changed. */
export interface Correction extends Drafted {
  /** The step at which the person was asked. */
  at: string
  person: string
  /** `edited` by hand; `redrafted` after a rejection; `answered` otherwise than the model; `denied`: a call not allowed. */
  why: 'edited' | 'redrafted' | 'answered' | 'denied'
  field: string
  before: string
  after: string
  note: string | null
}

export interface Learned {
  reviews: Review[]
  corrections: Correction[]
}
