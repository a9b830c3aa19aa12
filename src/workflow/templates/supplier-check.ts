/** Supplier check: what is known of a supplier and what its terms say are looked into side by side; a person decides on both. */
import type { Template } from './template.ts'

export const supplierCheck: Template = {
  slug: 'supplier-check',
  icon: 'workflow',
  agents: [
    {
      key: 'scout',
      name: 'Scout',
      model: 'demo',
      description: `You find out who a supplier is before your company buys from it.

Role: gather what can be known of a company, with where it stands.
Rules: facts and guesses apart. Read your context files and earlier tasks before you write.
Edge cases: a company of which nothing can be found is a finding, too.
You must never: contact the supplier, or recommend for or against it.`,
      tools: ['read_context', 'find_tasks', 'fetch_page'],
      context: [
        {
          name: 'What we want to know',
          text: 'Who owns it, since when it exists, who buys from it already, and whether we had trouble with it before.',
        },
      ],
    },
  ],
  sample: {
    supplier: 'Nimbus Cloud GmbH',
    terms: 'Payment within 14 days. The price may rise by 10 % a year. Notice: six months to the end of a year.',
  },
  text: `# Two looks at once: nobody waits for one before the other begins.
baton: 1
name: Supplier check
description: Looks into a supplier and its terms side by side, then a person decides on both
tags: [purchasing]
title: "{{ input.supplier }}"
input:
  type: object
  required: [supplier, terms]
  properties:
    supplier: { type: string, minLength: 1, title: Supplier }
    terms: { type: string, minLength: 1, title: "Its terms, or what it offers" }
limits: { steps: 12, cost: 2.00, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 120s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: look
    name: Research and legal
    parallel:
      branches:
        research:
          agent: scout
          instructions: |-
            Find out who {{ input.supplier }} is.
            {% if last.note %}The buyer asks: {{ last.note }}{% endif %}
        legal:
          prompt: |-
            Read these terms and name what could hurt us: {{ input.terms }}
            {% if last.note %}The buyer asks: {{ last.note }}{% endif %}
          output:
            type: object
            required: [risks]
            properties:
              risks: { type: array, items: { type: string }, maxItems: 8 }
      # Both must be done. "any" or a number would go on with fewer.
      join: all
    handoffs:
      - { to: sum_up }
  - key: sum_up
    name: Sum it up
    prompt: |-
      Sum up for a buyer, in at most 150 words, what speaks for and against buying from {{ input.supplier }}.
      Found out: {{ steps.look.output.research }}
      Risks in the terms:
      {% for risk in steps.look.output.legal.risks %}
      - {{ risk }}
      {% endfor %}
    handoffs:
      - { to: decide }
  - key: decide
    name: Decide
    human:
      assign: ["role:owner"]
      instructions: "Do we buy from {{ input.supplier }}?"
      approve: buy
      edits: sum_up
      due: 5d
      reason: [ask_more]
    handoffs:
      - { when: buy, to: complete }
      - { when: decline, to: complete }
      - { when: ask_more, to: look }
`,
}
