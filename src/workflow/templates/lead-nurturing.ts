/** Lead nurturing: a lead is scored; good ones get a mail once a person approves it, others are kept warm; Slack hears of it. */
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
      tools: ['find_tasks', 'fetch_page'],
    },
  ],
  sample: {
    name: 'Kim Berg',
    company: 'Northwind Traders',
    email: 'kim@northwind.example',
    interest: 'A demo of shift planning',
  },
  text: `# A lead comes in, is scored, and is written to once a person has read the mail. Slack hears of it where an admin has
# set the secret slack_webhook; without it the task just goes on.
baton: 1
name: Lead nurturing
description: Scores leads and writes to good ones once a person has approved the mail
tags: [sales]
title: "{{ input.company | default: input.name }}"
result: "{{ steps.draft.output }}"
input:
  type: object
  required: [name, email]
  properties:
    name: { type: string, minLength: 1, title: Name }
    company: { type: string, title: Company }
    email: { type: string, format: email, title: E-mail }
    interest: { type: string, title: What they asked for }
    website: { type: string, title: Website }
limits: { steps: 20, cost: 1.00, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: qualify
    name: Qualify the lead
    agent: lead_researcher
    instructions: >-
      Qualify {{ input.name }} of {{ input.company | default: "an unknown company" }} ({{ input.email }}).
      They asked for: {{ input.interest | default: "nothing in particular" }}.
      Look for earlier dealings with them.{% if input.website %} Their page: {{ input.website }}{% endif %}
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
      instructions: >-
        Check tone and facts of the mail to {{ input.name }}.
        {% if last.step == "send" %}It could not be sent to {{ input.email }}; approve it to try again.{% endif %}
      approve: approved
      edits: draft
      due: 1d
      reason: [rejected, drop]
    handoffs:
      - { when: approved, to: send }
      # The note goes back to the draft.
      - { when: rejected, to: draft }
      - { when: drop, to: keep_warm }
  - key: send
    name: Send the mail
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Your request, {{ input.name }}"
      text: "{{ steps.draft.output }}"
    handoffs:
      - { when: failed, to: approve }
      - { to: tell }
  - key: tell
    name: Tell the team
    tool: post_slack
    with: { text: "A first mail went to {{ input.name }} ({{ input.company | default: 'no company' }}), score {{ steps.qualify.output.score }}." }
    handoffs:
      - { when: failed, to: complete }
      - { to: complete }
  - key: keep_warm
    name: Note for the newsletter
    prompt: "Write one line for the newsletter list on {{ input.name }}: {{ steps.qualify.output.need }}"
    handoffs:
      - { to: complete }
`,
}
