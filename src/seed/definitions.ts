/** What a newcomer finds: two workflows and their agents, on the demo model, so that they run the same everywhere. */
import type { Agent } from '../domain/agent.ts'
import type { Knowledge } from '../domain/knowledge.ts'
import type { Skill } from '../domain/skill.ts'

export const OWNER = 'ana@acme.test'
export const MEMBER = 'ben@acme.test'

export const SKILLS: Skill[] = [
  {
    key: 'house_style',
    description: 'How Acme writes to customers',
    text: 'Write as one person to another. Say the most important thing first. End with one next step, and a name.',
  },
]

export const AGENTS: Agent[] = [
  {
    key: 'researcher',
    name: 'Researcher',
    model: 'demo',
    description: `You research companies for a sales team.

Role: say what the company does, how large it is and why it might need us, in plain sentences.
Rules: keep to what you were given or can name a source for. Say so when you do not know.
Edge cases: when the company cannot be told from others of its name, say which one you took and why.
You must never: invent figures, judge people, or write to the customer.`,
    tools: ['read_context'],
    knowledge: [{ file: 'house_facts', use: 'searched' }],
    context: [
      {
        name: 'What Acme sells',
        text: 'Acme sells scheduling software to companies with 20 to 2,000 employees. Shift work is where it helps most.',
      },
    ],
  },
  {
    key: 'writer',
    name: 'Writer',
    model: 'demo',
    description: `You write short, friendly mails to customers.

Role: turn notes into a mail of at most 150 words, with one clear next step.
Rules: plain words, no exclamation marks, the customer's name spelled as given.
Edge cases: with no name given, begin with "Hello".
You must never: promise prices, dates or features that the notes do not hold.`,
    skills: ['house_style'],
  },
]

export const KNOWLEDGE: Knowledge[] = [
  {
    key: 'house_facts',
    name: 'House facts',
    months: 12,
    text: `# Prices

A seat is $4 a month, paid by the month or by the year. A year costs ten months.

# Refunds

Whoever asks within 30 days gets all of it back, without a reason. Later, what is left of the year is paid back.

# Help

The help desk answers on working days from 8 to 18 h in Berlin, and on Saturdays until noon.`,
  },
]

export const ONBOARDING = 'Customer onboarding'
const TRIAGE = 'Support triage'

export const WORKFLOWS: { name: string; text: string }[] = [
  {
    name: ONBOARDING,
    text: `# From a sign-up to a welcome mail that somebody approved. POST a company and an address to its intake to start one.
# Locally the mail lies on the page /outbox.
baton: 1
name: ${ONBOARDING}
description: From sign-up to an approved welcome mail, sent
owner: ${OWNER}
tags: [sales]
title: "{{ input.company }}"
result: "{{ steps.draft.output }}"
input:
  type: object
  required: [company, email]
  properties:
    company: { type: string, minLength: 1, title: Company }
    email: { type: string, format: email, title: E-mail }
    notes: { type: string, title: Notes }
limits: { steps: 20, cost: 2.00, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 15s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: research
    name: Research the company
    agent: researcher
    model: demo
    instructions: >-
      Research {{ input.company }} ({{ input.email }}), and how it fits what Acme sells.
      {% if input.notes %}Notes: {{ input.notes }}{% endif %}
    output:
      type: object
      required: [score, summary]
      properties:
        score: { type: number, minimum: 0, maximum: 100, description: How well it fits }
        summary: { type: string }
    handoffs:
      - to: draft
  - key: draft
    name: Draft the welcome mail
    model: demo
    prompt: |-
      Write a welcome mail for {{ input.company }}.
      Background: {{ steps.research.output.summary }}
      {% if last.note %}The reviewer said: {{ last.note }}{% endif %}
    handoffs:
      - to: approve
  - key: approve
    name: Approve the mail
    human:
      assign: [${OWNER}]
      instructions: >-
        Check tone and facts of the mail to {{ input.company }}.
        {% if last.step == "send" %}It could not be sent to {{ input.email }}; approve it to try again.{% endif %}
      approve: approved
      edits: draft
      due: 2d
      reason: [rejected]
    handoffs:
      - { when: approved, to: send }
      # The note goes back to the draft: see its prompt.
      - { when: rejected, to: draft }
  - key: send
    name: Send the mail
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Welcome, {{ input.company }}"
      text: "{{ steps.draft.output }}"
    handoffs:
      - { when: failed, to: approve }
      - { to: complete }
`,
  },
  {
    name: TRIAGE,
    text: `# Sorts support mail by what it is about; a complaint is answered by a person.
baton: 1
name: ${TRIAGE}
description: Sorts support requests and drafts the answer
owner: ${OWNER}
tags: [support]
title: "{{ input.subject | default: input.text | truncate: 80 }}"
input:
  type: object
  required: [text]
  properties:
    subject: { type: string, title: Subject }
    text: { type: string, minLength: 1, title: Message }
defaults: { model: demo, timeout: 15s }
steps:
  - key: triage
    name: Sort the request
    model: demo
    prompt: |-
      What is this request about, and how urgent is it?

      {{ input.text }}
    output:
      type: object
      required: [category, urgency]
      properties:
        category: { type: string, enum: [technical, billing, complaint] }
        urgency: { type: string, enum: [normal, urgent] }
    handoffs:
      - { if: 'output.category == "complaint"', to: personal }
      - { if: 'output.category == "billing"', to: billing }
      - { to: technical }
  - key: billing
    name: Answer on billing
    model: demo
    prompt: "Write a reply about this billing request: {{ input.text }}"
    handoffs:
      - { to: complete }
  - key: technical
    name: Answer on technical matters
    model: demo
    prompt: "Write a reply with next steps for this technical request: {{ input.text }}"
    handoffs:
      - { to: complete }
  - key: personal
    name: Answer in person
    human:
      assign: [${MEMBER}, ${OWNER}]
      instructions: "Answer this complaint yourself, then close it here: {{ input.text }}"
      due: 1d
    handoffs:
      - { when: answered, to: complete }
      - { when: technical, to: technical }
`,
  },
]

/** A task of the seed, and what is done with it once it waits for a person. */
export interface SeedTask {
  id: string
  workflow: string
  input: { [key: string]: string }
  after?: { handoff: string; note?: string } | 'cancel'
}

export const TASKS: SeedTask[] = [
  {
    id: 'northwind',
    workflow: ONBOARDING,
    input: {
      company: 'Northwind Traders',
      email: 'lena@northwind.example',
      notes: 'Asked for a call about shift planning.',
    },
    after: { handoff: 'approved' },
  },
  {
    id: 'globex',
    workflow: ONBOARDING,
    input: { company: 'Globex', email: 'hank@globex.example' },
    after: { handoff: 'rejected', note: 'Too formal. Mention the trial that they began on Monday.' },
  },
  {
    id: 'initech',
    workflow: ONBOARDING,
    input: { company: 'Initech', email: 'bill@initech.example', notes: '80 employees, two sites.' },
  },
  {
    id: 'umbrella',
    workflow: ONBOARDING,
    input: { company: 'Umbrella Health', email: 'alice@umbrella.example' },
    after: 'cancel',
  },
  {
    id: 'invoice',
    workflow: TRIAGE,
    input: { subject: 'Charged twice', text: 'My card was charged twice for invoice 2041. Please refund one payment.' },
  },
  {
    id: 'login',
    workflow: TRIAGE,
    input: { subject: 'Cannot log in', text: 'Since this morning the login fails with an error after the password.' },
  },
  {
    id: 'complaint',
    workflow: TRIAGE,
    input: {
      subject: 'Third time',
      text: 'I am very disappointed and frustrated: a complaint about the same terrible answer, for the third time.',
    },
  },
]
