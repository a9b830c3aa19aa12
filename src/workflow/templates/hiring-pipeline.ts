/** Hiring pipeline: an application is summed up without judging the person; people decide at each stage. */
import type { Template } from './template.ts'

export const hiringPipeline: Template = {
  slug: 'hiring-pipeline',
  icon: 'users',
  agents: [
    {
      key: 'application_reader',
      name: 'Application reader',
      model: 'demo',
      description: `You sum up applications for a hiring team.

Role: list what the application says about the requirements, each with where it says so.
Rules: facts only, in the applicant's words where you can.
Edge cases: what is not in the application is "not said", never "missing".
You must never: rate or rank a person, or mention age, origin, health, family or looks.`,
    },
  ],
  sample: {
    applicant: 'Robin Meyer',
    role: 'Scheduler',
    application: 'I have planned shifts for a hospital ward for six years and know the tariff rules by heart.',
  },
  text: `# People decide; the model only reads and writes for them.
baton: 1
name: Hiring pipeline
description: Takes an application through reading, interview and decision, with people deciding at each stage
tags: [people]
title: "{{ input.applicant }} · {{ input.role }}"
input:
  type: object
  required: [applicant, role, application]
  properties:
    applicant: { type: string, minLength: 1, title: Name }
    role: { type: string, minLength: 1, title: Position }
    application: { type: string, minLength: 1, title: Application }
limits: { steps: 30, cost: 1.00, duration: 90d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: sum_up
    name: Sum up the application
    agent: application_reader
    instructions: "Sum up this application for {{ input.role }}: {{ input.application }}"
    output:
      type: object
      required: [summary]
      properties:
        summary: { type: string }
        questions: { type: array, items: { type: string }, maxItems: 5, description: What to ask in an interview }
    handoffs:
      - { to: screen }
  - key: screen
    name: Screen
    human:
      assign: ["role:owner"]
      instructions: "Shall we meet {{ input.applicant }}? {{ steps.sum_up.output.summary }}"
      approve: invite
      due: 5d
      reason: [decline]
    handoffs:
      - { when: invite, to: invitation }
      - { when: decline, to: decline_letter }
  - key: invitation
    name: Write the invitation
    prompt: "Invite {{ input.applicant }} to an interview for {{ input.role }}, and offer to find a time."
    handoffs:
      - { to: interview }
  - key: interview
    name: Interview
    human:
      assign: ["role:owner"]
      instructions: "Send the invitation, meet {{ input.applicant }}, then say how it went."
      approve: offer
      due: 21d
      reason: [offer, decline]
    handoffs:
      - { when: offer, to: offer_letter }
      - { when: again, to: invitation }
      - { when: decline, to: decline_letter }
  - key: offer_letter
    name: Draft the offer
    prompt: "Draft an offer letter to {{ input.applicant }} for {{ input.role }}.{% if last.note %} {{ last.note }}{% endif %}"
    handoffs:
      - { to: sign }
  - key: decline_letter
    name: Draft the refusal
    prompt: "Write a short, kind refusal to {{ input.applicant }} for {{ input.role }}, without reasons."
    handoffs:
      - { to: sign }
  - key: sign
    name: Read and send the letter
    human:
      assign: ["role:owner"]
      instructions: Read the letter and send it yourself.
      due: 3d
    handoffs:
      - { when: sent, to: complete }
`,
}
