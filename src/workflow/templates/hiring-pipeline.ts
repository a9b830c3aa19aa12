/** Hiring pipeline: an application is summed up without judging the person; people decide at each stage, and read each letter before it goes out. */
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
    email: 'robin@meyer.example',
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
  required: [applicant, email, role, application]
  properties:
    applicant: { type: string, minLength: 1, title: Name }
    email: { type: string, format: email, title: E-mail }
    role: { type: string, minLength: 1, title: Position }
    application: { type: string, minLength: 1, title: Application }
    resume: { type: string, format: file, title: Résumé }
limits: { steps: 30, cost: 1.00, duration: 90d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: sum_up
    name: Sum up the application
    agent: application_reader
    instructions: |-
      Sum up this application for {{ input.role }}: {{ input.application }}
      {% for file in files %}
      {{ file.name }}: {{ file.text | default: "" }}
      {% endfor %}
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
    prompt: "Write an invitation to {{ input.applicant }}: an interview for {{ input.role }}, and an offer to find a time."
    handoffs:
      - { to: read_invitation }
  - key: read_invitation
    name: Read the invitation
    human:
      assign: ["role:owner"]
      instructions: Change what you like before it goes to {{ input.email }}.{% if last.step == "invite" %} It could not be sent.{% endif %}
      edits: invitation
      due: 3d
    handoffs:
      - { when: send, to: invite }
      - { when: sent_myself, to: interview }
  - key: invite
    name: Send the invitation
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Your application: {{ input.role }}"
      text: "{{ steps.invitation.output }}"
    handoffs:
      - { when: failed, to: read_invitation }
      - { to: interview }
  - key: interview
    name: Interview
    human:
      assign: ["role:owner"]
      instructions: "Meet {{ input.applicant }}, then say how it went."
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
      - { to: sign_offer }
  - key: decline_letter
    name: Draft the refusal
    prompt: "Write a short, kind refusal to {{ input.applicant }} for {{ input.role }}, without reasons."
    handoffs:
      - { to: sign_refusal }
  - key: sign_offer
    name: Read and send the offer
    human:
      assign: ["role:owner"]
      instructions: Read it as they will. Change what you like before it goes out.{% if last.step == "send_offer" %} It could not be sent.{% endif %}
      edits: offer_letter
      due: 3d
    handoffs:
      - { when: send, to: send_offer }
      - { when: sent_myself, to: complete }
  - key: send_offer
    name: Send the offer
    tool: send_email
    with: { to: "{{ input.email }}", subject: "Our offer: {{ input.role }}", text: "{{ steps.offer_letter.output }}" }
    handoffs:
      - { when: failed, to: sign_offer }
      - { to: complete }
  - key: sign_refusal
    name: Read and send the refusal
    human:
      assign: ["role:owner"]
      instructions: Read it as they will. Change what you like before it goes out.{% if last.step == "send_refusal" %} It could not be sent.{% endif %}
      edits: decline_letter
      due: 3d
    handoffs:
      - { when: send, to: send_refusal }
      - { when: sent_myself, to: complete }
  - key: send_refusal
    name: Send the refusal
    tool: send_email
    with: { to: "{{ input.email }}", subject: "Your application: {{ input.role }}", text: "{{ steps.decline_letter.output }}" }
    handoffs:
      - { when: failed, to: sign_refusal }
      - { to: complete }
`,
}
