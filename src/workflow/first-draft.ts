/** What a new workflow's draft says: nothing but its name, or the example that runs as it stands. */
import { stringify } from 'yaml'

export function emptyDraft(name: string, description: string, owner: string): string {
  return `${headOf(name, description, owner)}steps: []\n`
}

/** A definition that can be published as it stands: a prompt drafts, a person approves. */
export function exampleDraft(name: string, description: string, owner: string): string {
  return `# Each step becomes a column on the board. The first one is where tasks begin.
${headOf(name, description, owner)}steps:
  - key: draft
    name: Draft
    prompt: "Write a short draft about: {{ input.text }}"
    handoffs:
      - { to: approve }
  - key: approve
    name: Approve
    human:
      assign: [${JSON.stringify(owner)}]
      instructions: Check the draft.
      approve: approved
      reason: [rejected]
    handoffs:
      - { when: approved, to: complete }
      - { when: rejected, to: draft }
input:
  type: object
  required: [text]
  properties:
    text: { type: string, minLength: 1, title: What is it about? }
`
}

function headOf(name: string, description: string, owner: string): string {
  return `baton: 1\n${stringify({ name, ...(description === '' ? {} : { description }), owner }, { lineWidth: 0 })}`
}
