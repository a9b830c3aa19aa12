/** A plain approval: somebody asks, a person decides, and the answer goes back by mail. */
import type { Template } from './template.ts'

export const plainApproval: Template = {
  slug: 'plain-approval',
  icon: 'check',
  agents: [],
  sample: { what: 'A second screen', why: 'Two plans side by side', amount: 220, email: 'kim@northwind.example' },
  text: `# One question, one decision, one answer.
baton: 1
name: Approval
description: Asks a person for a decision and mails it to whoever asked
tags: [approvals]
title: "{{ input.what }}"
input:
  type: object
  required: [what, email]
  properties:
    what: { type: string, minLength: 1, title: What you ask for }
    why: { type: string, title: Why }
    amount: { type: number, minimum: 0, title: What it costs }
    email: { type: string, format: email, title: Your e-mail }
limits: { steps: 10, duration: 60d, reached: ask }
defaults: { model: demo }
steps:
  - key: decide
    name: Decide
    human:
      assign: ["role:owner"]
      instructions: |-
        {{ input.what }}{% if input.amount %}, {{ input.amount }}{% endif %}, asked for by {{ input.email }}.
        {% if input.why %}Why: {{ input.why }}{% endif %}
      approve: approved
      due: 3d
      overdue: { assign: ["role:admin"] }
      reason: [rejected]
    handoffs:
      - { when: approved, to: say_yes }
      - { when: rejected, to: say_no }
  - key: say_yes
    name: Mail the approval
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Approved: {{ input.what }}"
      text: "Your request is approved: {{ input.what }}.{% if last.note %} {{ last.note }}{% endif %}"
    handoffs:
      - { when: failed, to: tell }
      - { to: complete }
  - key: say_no
    name: Mail the refusal
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Not approved: {{ input.what }}"
      text: "Your request is not approved: {{ input.what }}. {{ last.note }}"
    handoffs:
      - { when: failed, to: tell }
      - { to: complete }
  - key: tell
    name: Tell them yourself
    human:
      assign: ["role:owner"]
      instructions: "The answer could not be mailed. Tell {{ input.email }}: {{ steps.decide.decision }}."
      due: 3d
    handoffs:
      - { when: told, to: complete }
`,
}
