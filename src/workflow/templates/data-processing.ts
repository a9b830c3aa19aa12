/** Data processing: raw rows are checked and cleaned, odd ones are put right by a person, the result is summed up. */
import type { Template } from './template.ts'

export const dataProcessing: Template = {
  slug: 'data-processing',
  icon: 'columns',
  agents: [],
  sample: {
    source: 'Trade fair',
    rows: 'name,company,email\nKim Berg,Northwind Traders,kim@northwind.example\nLee Park,Globex,lee@globex.example',
  },
  text: `# Raw rows in, clean rows out. The output of the step "clean" is what other systems read by the API.
baton: 1
name: Data processing
description: Checks and cleans rows of data, and has a person look at what does not add up
tags: [data]
title: "{{ input.source }}"
result: "{{ steps.clean.output }}"
input:
  type: object
  required: [source, rows]
  properties:
    source: { type: string, minLength: 1, title: Where the rows come from }
    rows: { type: string, minLength: 1, title: "Rows, as CSV or text" }
limits: { steps: 12, cost: 1.00, duration: 14d, reached: ask }
defaults: { model: demo, timeout: 120s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: check
    name: Check the rows
    prompt: |-
      Which of these rows from {{ input.source }} are incomplete, doubled or wrong? List nothing else.

      {{ input.rows }}
    output:
      type: object
      required: [problems]
      properties:
        problems: { type: array, items: { type: string }, maxItems: 50 }
    handoffs:
      - { when: failed, to: look }
      - { if: "size(output.problems) > 0", to: look }
      - { to: clean }
  - key: look
    name: Look at what is odd
    human:
      assign: ["role:owner"]
      instructions: |-
        {% if steps.check.output %}{% for problem in steps.check.output.problems %}
        - {{ problem }}
        {% endfor %}{% else %}The rows could not be checked.{% endif %}

        Say how each is to be put right, or drop the rows.
      approve: go_on
      due: 3d
    handoffs:
      - { when: go_on, to: clean }
      - { when: drop, to: complete }
  - key: clean
    name: Clean the rows
    prompt: |-
      Clean these rows: one record each, the same spelling throughout, nothing made up.
      {% if last.note %}What to put right: {{ last.note }}{% endif %}

      {{ input.rows }}
    output:
      type: object
      required: [records]
      properties:
        records:
          type: array
          maxItems: 200
          items:
            type: object
            required: [name, email]
            properties:
              name: { type: string }
              company: { type: string }
              email: { type: string, format: email }
    handoffs:
      - { to: sum_up }
  - key: sum_up
    name: Sum it up
    prompt: "Say in two sentences what these {{ steps.clean.output.records | size }} records from {{ input.source }} hold: {{ steps.clean.output.records }}"
    handoffs:
      - { to: post }
  - key: post
    name: Tell the team
    tool: post_slack
    with: { text: "{{ steps.sum_up.output }}" }
    handoffs:
      - { when: failed, to: complete }
      - { to: complete }
`,
}
