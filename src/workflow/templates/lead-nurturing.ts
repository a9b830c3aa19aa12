/** Lead nurturing: a lead is scored; good ones get a mail that a person approves, others are kept warm. */
import type { Template } from './template.ts'

export const leadNurturing: Template = {
  slug: 'lead-nurturing',
  icon: 'send',
  agents: [
    {
      key: 'lead_researcher',
      name: 'Lead researcher',
      model: 'demo',
      description: `You qualify leads for a sales team.

Role: say what the company does, what it may need, and how well it fits, in plain sentences.
Rules: keep to what you were given. Say so when you do not know.
Edge cases: a private address without a company is scored low, not left out.
You must never: invent figures, judge people, or write to the lead.`,
    },
  ],
  sample: {
    name: 'Kim Berg',
    company: 'Northwind Traders',
    email: 'kim@northwind.example',
    interest: 'A demo of shift planning',
  },
  text: `# A lead comes in, is scored, and is written to once a person has read the mail.
baton: 1
name: Lead nurturing
description: Scores leads, drafts a first mail to good ones and has a person approve it
tags: [sales]
title: "{{ input.company | default: input.name }}"
input:
  type: object
  required: [name, email]
  properties:
    name: { type: string, minLength: 1, title: Name }
    company: { type: string, title: Company }
    email: { type: string, format: email, title: E-mail }
    interest: { type: string, title: What they asked for }
limits: { steps: 20, cost: 1.00, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: qualify
    name: Qualify the lead
    agent: lead_researcher
    instructions: >-
      Qualify {{ input.name }} of {{ input.company | default: "an unknown company" }} ({{ input.email }}).
      They asked for: {{ input.interest | default: "nothing in particular" }}.
    output:
      type: object
      required: [score, need]
      properties:
        score: { type: number, minimum: 0, maximum: 100, description: How well it fits }
        need: { type: string, description: What they probably need }
    handoffs:
      - { if: "output.score < 10", to: keep_warm }
      - { to: draft }
  - key: draft
    name: Draft the first mail
    prompt: |-
      Write a first mail to {{ input.name }}, with one clear next step.
      What they need: {{ steps.qualify.output.need }}
      {% if last.note %}The reviewer said: {{ last.note }}{% endif %}
    handoffs:
      - { to: approve }
  - key: approve
    name: Approve the mail
    human:
      assign: ["role:owner"]
      instructions: "Check tone and facts of the mail to {{ input.name }}."
      approve: approved
      edits: draft
      due: 1d
      reason: [rejected]
    handoffs:
      - { when: approved, to: complete }
      # The note goes back to the draft.
      - { when: rejected, to: draft }
  - key: keep_warm
    name: Note for the newsletter
    prompt: "Write one line for the newsletter list on {{ input.name }}: {{ steps.qualify.output.need }}"
    handoffs:
      - { to: complete }
`,
}
