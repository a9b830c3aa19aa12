/** Contract review: clauses are checked against the house rules; risky contracts need a second reader. */
import type { Template } from './template.ts'

export const contractReview: Template = {
  slug: 'contract-review',
  icon: 'shield',
  agents: [
    {
      key: 'contract_reader',
      name: 'Contract reader',
      model: 'demo',
      description: `You read contracts for a company's legal team.

Role: list the clauses that depart from our rules and say how large the risk is.
Rules: quote the clause; say which rule it departs from.
Edge cases: what a contract does not settle is a risk, too.
You must never: give legal advice, change a clause, or say that a contract is safe to sign.`,
      context: [
        {
          name: 'Our rules',
          text: '1. Notice of at most three months. 2. Liability capped at a year of fees. 3. No automatic renewal beyond a year. 4. Our data stays ours.',
        },
      ],
    },
  ],
  sample: {
    partner: 'Globex',
    text: 'The term is three years and renews by itself. Notice: six months. Liability of the supplier is excluded.',
  },
  text: `# Two pairs of eyes where it matters.
baton: 1
name: Contract review
description: Checks a contract against the house rules and collects the sign-off its risk asks for
tags: [legal]
title: "{{ input.partner }}"
input:
  type: object
  required: [partner]
  properties:
    partner: { type: string, minLength: 1, title: Partner }
    contract: { type: string, format: file, title: Contract as a file }
    text: { type: string, minLength: 1, title: Or its text }
limits: { steps: 20, cost: 3.00, duration: 60d, reached: ask }
defaults: { model: demo, timeout: 120s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: check
    name: Check the clauses
    agent: contract_reader
    instructions: |-
      Check this contract with {{ input.partner }}: {{ input.text | default: "" }}
      {% for file in files %}{{ file.text | default: "" }}
      {% endfor %}
    output:
      type: object
      required: [risk, findings]
      properties:
        risk: { type: string, enum: [low, medium, high] }
        findings: { type: array, items: { type: string }, maxItems: 12 }
    handoffs:
      - { if: 'output.risk == "low"', to: sign_off }
      - { to: legal }
  - key: legal
    name: Legal review
    human:
      assign: ["role:owner"]
      instructions: |-
        Risk: {{ steps.check.output.risk }}.
        {% for finding in steps.check.output.findings %}
        - {{ finding }}
        {% endfor %}
      approve: acceptable
      due: 5d
      reason: [negotiate, decline]
    handoffs:
      - { when: acceptable, to: sign_off }
      - { when: negotiate, to: counter }
      - { when: decline, to: complete }
  - key: counter
    name: Draft the counter-proposal
    prompt: |-
      Write to {{ input.partner }} which clauses we would like changed, politely.
      What legal said: {{ last.note | default: "see the findings" }}
    handoffs:
      - { to: legal_again }
  - key: legal_again
    name: Send and wait for their version
    human:
      assign: ["role:owner"]
      instructions: Send the proposal. When their answer is there, say how it stands.
      edits: counter
      due: 20d
    handoffs:
      - { when: agreed, to: sign_off }
      - { when: not_agreed, to: legal }
  - key: sign_off
    name: Sign off
    human:
      assign: ["role:owner", "role:admin"]
      instructions: "May the contract with {{ input.partner }} be signed?"
      approve: sign
      due: 5d
      reason: [back]
    handoffs:
      - { when: sign, to: complete }
      - { when: back, to: legal }
`,
}
