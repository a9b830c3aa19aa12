/** Customer-support escalation: a request is sorted; what is urgent goes to a person, the rest is answered by mail. */
import type { Template } from './template.ts'

export const supportEscalation: Template = {
  slug: 'customer-support-escalation',
  icon: 'comment',
  agents: [
    {
      key: 'support_agent',
      name: 'Support agent',
      model: 'demo',
      description: `You answer customers of a software company.

Role: give the next step that helps, in at most 120 words.
Rules: friendly, plain, no blame. Say what you did not understand.
Edge cases: with anger in the text, begin by saying what went wrong for them.
You must never: promise refunds, dates or features, or ask for a password.`,
      tools: ['find_tasks'],
    },
  ],
  sample: {
    email: 'kim@northwind.example',
    subject: 'Cannot log in',
    text: 'Since this morning the login fails with an error after the password.',
  },
  text: `# Sorts what comes in; people see what is urgent, and answers that the model is not sure of.
baton: 1
name: Customer-support escalation
description: Answers requests and hands urgent or uncertain ones to a person
tags: [support]
title: "{{ input.subject | default: input.text | truncate: 80 }}"
result: "{{ steps.answer.output }}"
input:
  type: object
  required: [email, text]
  properties:
    email: { type: string, format: email, title: E-mail }
    subject: { type: string, title: Subject }
    text: { type: string, minLength: 1, title: Message }
limits: { steps: 15, cost: 0.50, duration: 14d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: triage
    name: Sort the request
    prompt: |-
      What is this request about, and how urgent is it?

      {{ input.subject | default: "" }}
      {{ input.text }}
    confidence: 0.7
    output:
      type: object
      required: [category, urgency]
      properties:
        category: { type: string, enum: [technical, billing, complaint, other] }
        urgency: { type: string, enum: [normal, urgent] }
    handoffs:
      - { when: unsure, to: person }
      - { if: 'output.urgency == "urgent" || output.category == "complaint"', to: person }
      - { to: answer }
  - key: answer
    name: Answer it
    agent: support_agent
    instructions: |-
      Answer this {{ steps.triage.output.category }} request: {{ input.text }}
      Look for earlier requests about the same.
      {% if last.note %}A colleague said: {{ last.note }}{% endif %}
    handoffs:
      - { when: failed, to: person }
      - { to: review }
  - key: review
    name: Send the answer
    human:
      assign: ["role:owner"]
      instructions: >-
        Does this help them? Change it if not.
        {% if last.step == "reply" %}It could not be sent to {{ input.email }}.{% endif %}
      approve: send
      edits: answer
      due: 1d
      reason: [redo]
    handoffs:
      - { when: send, to: reply }
      - { when: redo, to: answer }
      - { when: escalate, to: person }
  - key: reply
    name: Send it by mail
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Re: {{ input.subject | default: 'your request' }}"
      text: "{{ steps.answer.output }}"
    handoffs:
      - { when: failed, to: review }
      - { to: complete }
  - key: person
    name: Answer in person
    human:
      assign: ["role:owner"]
      instructions: "Call or write to {{ input.email }} yourself, then close it here: {{ input.text }}"
      due: 4h
      overdue: { assign: ["role:admin"] }
    handoffs:
      - { when: answered, to: complete }
      - { when: draft_for_me, to: answer }
`,
}
