/** Follow up: a first mail, and three more on day 3, 7 and 14, until somebody replies or asks not to be written to. */
import type { Template } from './template.ts'

/** A wait for their answer, and the mail that follows when none comes. */
const followUp = (day: number, days: number, from: number) => `
  - key: wait_${day}
    name: Wait for a reply until day ${day}
    wait: { event: [reply, unsubscribe], if: 'event.name == "unsubscribe" || event.data.from == input.email.lowerAscii()', for: ${days}d }
    handoffs:
      - { when: reply, to: read }
      - { when: unsubscribe, to: complete }
      - { when: timeout, to: draft_${day} }
  - key: draft_${day}
    name: Draft the mail of day ${day}
    prompt: |-
      Write a short, friendly mail to {{ input.name }}, who has not answered for ${day} days.
      What it is about: {{ input.about }}
      The mail before: {{ steps.${from === 0 ? 'draft' : `draft_${from}`}.output }}
      {% if last.note %}The reviewer said: {{ last.note }}{% endif %}
    handoffs:
      - { to: send_${day} }
  - key: send_${day}
    name: Send the mail of day ${day}
    tool: send_email
    with: { to: "{{ input.email }}", subject: "{{ input.about }}", text: "{{ steps.draft_${day}.output }}" }
    handoffs:
      - { when: failed, to: read }
      - { to: ${day === 14 ? 'wait_last' : `wait_${day === 3 ? 7 : 14}`} }`

export const followUpTemplate: Template = {
  slug: 'follow-up',
  icon: 'send',
  agents: [],
  sample: { name: 'Kim Berg', email: 'kim@northwind.example', about: 'Your offer for shift planning' },
  text: `# A first mail goes out once a person has read it. Without a reply there are more on day 3, 7 and 14; a reply stops them
# and comes before a person. A reply to the mail is the event "reply"; your unsubscribe page sends "unsubscribe" to POST /events
# with their address as the key.
baton: 1
name: Follow up
description: Writes on day 0, 3, 7 and 14, and stops as soon as they reply
tags: [sales]
title: "{{ input.name }}: {{ input.about }}"
key: "{{ input.email }}"
input:
  type: object
  required: [name, email, about]
  properties:
    name: { type: string, minLength: 1, title: Name }
    email: { type: string, format: email, title: E-mail }
    about: { type: string, minLength: 1, title: What it is about }
limits: { steps: 30, cost: 1.00, duration: 60d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: draft
    name: Draft the first mail
    prompt: |-
      Write a first mail to {{ input.name }}, with one clear question.
      What it is about: {{ input.about }}
      {% if last.note %}The reviewer said: {{ last.note }}{% endif %}
    handoffs:
      - { to: approve }
  - key: approve
    name: Approve the first mail
    human:
      assign: ["role:owner"]
      instructions: Check tone and facts of the mail to {{ input.name }}. Without a reply there are three more.
      approve: approved
      edits: draft
      due: 1d
      reason: [rejected]
    handoffs:
      - { when: approved, to: send }
      - { when: rejected, to: draft }
  - key: send
    name: Send the first mail
    tool: send_email
    with: { to: "{{ input.email }}", subject: "{{ input.about }}", text: "{{ steps.draft.output }}" }
    handoffs:
      - { when: failed, to: read }
      - { to: wait_3 }${followUp(3, 3, 0)}${followUp(7, 4, 3)}${followUp(14, 7, 7)}
  - key: wait_last
    name: Wait for a last reply
    wait: { event: [reply, unsubscribe], if: 'event.name == "unsubscribe" || event.data.from == input.email.lowerAscii()', for: 14d }
    handoffs:
      - { when: reply, to: read }
      - { when: unsubscribe, to: complete }
      - { when: timeout, to: complete }
  - key: read
    name: Read their reply
    human:
      assign: ["role:owner"]
      instructions: >-
        {% if last.handoff == "reply" %}{{ input.name }} wrote: {{ last.output.text }}{% else %}The mail to {{ input.email }}
        could not be sent. Write to them another way.{% endif %}
      due: 2d
    handoffs:
      - { when: done, to: complete }
`,
}
