/** Invoice processing: an invoice is read, large ones need two approvals, odd ones are asked about by mail; what is approved is booked, and Slack hears of it. */
import type { Template } from './template.ts'

export const invoiceProcessing: Template = {
  slug: 'invoice-processing',
  icon: 'file',
  agents: [
    {
      key: 'invoice_clerk',
      name: 'Invoice clerk',
      model: 'demo',
      description: `You read invoices for an accounts team.

Role: take supplier, number and amount from an invoice's text and say what is odd about it.
Rules: copy figures exactly as they stand; amounts are numbers without a currency sign.
Edge cases: with two totals, take the one to be paid.
You must never: guess a figure, correct an invoice, or promise a payment.`,
      tools: ['find_tasks'],
    },
  ],
  sample: {
    supplier: 'Paper & Co',
    email: 'billing@paper.example',
    text: 'Invoice 2041 of Paper & Co. 40 boxes of paper. Amount due: 480.00 EUR within 14 days.',
    amount: 480,
  },
  text: `# An invoice is read, checked, and booked once it is approved. Slack hears of it where an admin has set slack_webhook.
baton: 1
name: Invoice processing
description: Reads invoices, checks them and collects the approvals that their amount needs
tags: [finance]
title: "{{ input.supplier }}"
result: "{{ steps.book.output }}"
input:
  type: object
  required: [supplier, email, text, amount]
  properties:
    supplier: { type: string, minLength: 1, title: Supplier }
    email: { type: string, format: email, title: E-mail of the supplier }
    amount: { type: number, minimum: 0, title: Amount }
    text: { type: string, minLength: 1, title: Text of the invoice }
limits: { steps: 20, cost: 1.00, duration: 60d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: read
    name: Read the invoice
    agent: invoice_clerk
    instructions: |-
      Read this invoice of {{ input.supplier }}: {{ input.text }}
      Say it is odd if an earlier task is about the same invoice.
      {% if last.note %}The supplier said: {{ last.note }}{% endif %}
    output:
      type: object
      required: [number, summary]
      properties:
        number: { type: string }
        summary: { type: string }
        odd: { type: boolean, description: Whether something does not add up }
    handoffs:
      - { when: failed, to: question }
      - { if: "input.amount >= 5000", to: approve_large }
      - { to: approve }
  - key: approve
    name: Approve the payment
    human:
      assign: ["role:owner"]
      instructions: |-
        Pay {{ input.amount }} to {{ input.supplier }}?

        {{ steps.read.output.summary }}
      approve: approved
      due: 5d
      reason: [rejected]
    handoffs:
      - { when: approved, to: book }
      - { when: rejected, to: question }
  - key: approve_large
    name: Approve a large payment
    human:
      assign: ["role:owner", "role:admin"]
      instructions: "A large one: pay {{ input.amount }} to {{ input.supplier }}? Whoever started this task may not decide."
      approve: approved
      requester: false
      due: 3d
      reason: [rejected]
    handoffs:
      - { when: approved, to: book }
      - { when: rejected, to: question }
  - key: book
    name: Write the booking
    prompt: "Write a booking line for invoice {{ steps.read.output.number }} of {{ input.supplier }}, amount {{ input.amount }}."
    handoffs:
      - { to: tell }
  - key: tell
    name: Tell accounting
    tool: post_slack
    with: { text: "Approved: {{ input.amount }} to {{ input.supplier }}. {{ steps.book.output }}" }
    handoffs:
      - { when: failed, to: complete }
      - { to: complete }
  - key: question
    name: Write to the supplier
    prompt: |-
      Write a short, polite mail to {{ input.supplier }} that asks what is unclear about their invoice.
      {% if last.note %}What is unclear: {{ last.note }}{% endif %}
    handoffs:
      - { to: clarify }
  - key: clarify
    name: Clear it up
    human:
      assign: ["role:owner"]
      instructions: >-
        Send this mail to {{ input.supplier }}, or say what their answer was.
        {% if last.step == "send_question" %}{% if last.handoff == "failed" %}It could not be sent.{% else %}It is sent.{% endif %}{% endif %}
      approve: ask
      edits: question
      due: 10d
      reason: [corrected]
    handoffs:
      - { when: ask, to: send_question }
      - { when: corrected, to: read }
      - { when: dropped, to: complete }
  - key: send_question
    name: Send the question
    tool: send_email
    with:
      to: "{{ input.email }}"
      subject: "Your invoice {{ steps.read.output.number | default: '' }}"
      text: "{{ steps.question.output }}"
    handoffs:
      - { when: failed, to: clarify }
      - { to: clarify }
`,
}
