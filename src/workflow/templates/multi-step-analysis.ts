/** Multi-step analysis: a question is taken apart, looked into, answered, and the answer is doubted before a person reads it. */
import type { Template } from './template.ts'

export const multiStepAnalysis: Template = {
  slug: 'multi-step-analysis',
  icon: 'activity',
  agents: [
    {
      key: 'analyst',
      name: 'Analyst',
      model: 'demo',
      description: `You look into questions for a company's management.

Role: gather what is known about each part of a question, with where it stands.
Rules: facts and guesses apart; figures as they stand. Read your context files and earlier tasks before you write.
Edge cases: what nobody knows is a finding, too.
You must never: invent figures or sources, or recommend before the facts are there.`,
      tools: ['read_context', 'find_tasks', 'fetch_page'],
      context: [
        {
          name: 'How we analyse',
          text: 'Every finding names its source. A figure without a date is not a figure. Three findings that matter beat ten that do not.',
        },
      ],
    },
  ],
  sample: { question: 'Should we offer shift planning to hospitals?', background: 'Two hospitals asked last month.' },
  text: `# A question goes in; an answer that somebody has doubted comes out.
baton: 1
name: Multi-step analysis
description: Takes a question apart, looks into each part, answers it and checks the answer before a person reads it
tags: [analysis]
title: "{{ input.question }}"
input:
  type: object
  required: [question]
  properties:
    question: { type: string, minLength: 1, title: Question }
    background: { type: string, title: What is known already }
limits: { steps: 20, cost: 3.00, duration: 14d, reached: ask }
defaults: { model: demo, timeout: 120s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: plan
    name: Take it apart
    prompt: |-
      Which questions must be answered to answer this one: {{ input.question }}
      {% if input.background %}What is known: {{ input.background }}{% endif %}
    output:
      type: object
      required: [questions]
      properties:
        questions: { type: array, items: { type: string }, minItems: 1, maxItems: 6 }
    handoffs:
      - { to: look_into }
  - key: look_into
    name: Look into it
    # Each question by itself, three at a time; the answers stand in the order of the questions.
    map:
      over: "{{ steps.plan.output.questions }}"
      as: question
      do:
        agent: analyst
        instructions: |-
          Look into this: {{ question }}
          {% if last.note %}The reader said: {{ last.note }}{% endif %}
      concurrency: 3
    handoffs:
      - { to: answer }
  - key: answer
    name: Answer it
    prompt: |-
      Answer in at most 200 words: {{ input.question }}
      Findings: {{ steps.look_into.output }}
    handoffs:
      - { to: doubt }
  - key: doubt
    name: Doubt the answer
    prompt: |-
      Which gaps does this answer have, measured by its findings? None is a good answer, too.
      Answer: {{ steps.answer.output }}
      Findings: {{ steps.look_into.output }}
    output:
      type: object
      required: [gaps]
      properties:
        gaps: { type: array, items: { type: string }, maxItems: 6 }
    handoffs:
      # Many gaps: once more, as long as the limit of steps allows.
      - { if: "size(output.gaps) > 3", to: look_into }
      - { to: read }
  - key: read
    name: Read the answer
    human:
      assign: ["role:owner"]
      instructions: |-
        {% for gap in steps.doubt.output.gaps %}
        - Open: {{ gap }}
        {% endfor %}
      approve: accept
      edits: answer
      due: 5d
      reason: [dig_deeper]
    handoffs:
      - { when: accept, to: complete }
      - { when: dig_deeper, to: look_into }
`,
}
