/** Content production: outline, draft, edit, a person who publishes or sends it back, and an announcement in Slack. */
import type { Template } from './template.ts'

export const contentProduction: Template = {
  slug: 'content-production',
  icon: 'edit',
  agents: [
    {
      key: 'content_writer',
      name: 'Content writer',
      model: 'demo',
      description: `You write articles for a company's blog.

Role: turn a brief into a clear text with a beginning, a middle and an end.
Rules: short sentences, concrete examples, no superlatives.
Edge cases: with too little to go on, write the shorter text.
You must never: invent quotes or figures, or name customers that the brief does not name.`,
      tools: ['read_context', 'find_tasks'],
      context: [
        { name: 'House style', text: 'Write to one reader. Headings say what follows. Numbers below ten are words.' },
      ],
    },
  ],
  sample: { topic: 'How to plan shifts fairly', audience: 'Managers of small restaurants' },
  text: `# From a brief to a text that somebody has read. Slack hears of it where an admin has set the secret slack_webhook.
baton: 1
name: Content production
description: Outlines, writes and edits a text until an editor publishes it
tags: [marketing]
title: "{{ input.topic }}"
result: "{{ steps.write.output }}"
input:
  type: object
  required: [topic]
  properties:
    topic: { type: string, minLength: 1, title: Topic }
    audience: { type: string, title: Who reads it }
    notes: { type: string, title: Notes }
limits: { steps: 30, cost: 3.00, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 120s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: outline
    name: Outline it
    prompt: |-
      Outline a text on "{{ input.topic }}" for {{ input.audience | default: "everyone" }}.
      {% if input.notes %}Notes: {{ input.notes }}{% endif %}
    output:
      type: object
      required: [title, points]
      properties:
        title: { type: string }
        points: { type: array, items: { type: string }, minItems: 1, maxItems: 8 }
    handoffs:
      - { to: write }
  - key: write
    name: Write the draft
    agent: content_writer
    instructions: |-
      Write "{{ steps.outline.output.title }}".
      {% for point in steps.outline.output.points %}
      - {{ point }}
      {% endfor %}
      {% if last.note %}The editor said: {{ last.note }}{% endif %}
    handoffs:
      - { to: edit }
  - key: edit
    name: Edit and publish
    human:
      assign: ["role:owner"]
      instructions: Read it as somebody who sees it for the first time. Change what you like before you publish.
      approve: publish
      edits: write
      due: 3d
      reason: [rewrite]
    handoffs:
      - { when: publish, to: announce }
      - { when: rewrite, to: write }
      - { when: drop, to: complete }
  - key: announce
    name: Write the announcement
    prompt: "Write two sentences that announce this text: {{ steps.write.output }}"
    handoffs:
      - { to: post }
  - key: post
    name: Announce it
    tool: post_slack
    with: { text: "{{ steps.announce.output }}" }
    handoffs:
      - { when: failed, to: complete }
      - { to: complete }
`,
}
