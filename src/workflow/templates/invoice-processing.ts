/** Invoice processing: an invoice is read, large ones need two approvals, odd ones are looked into. */
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
    },
  ],
  sample: {
    supplier: 'Paper & Co',
    text: 'Invoice 2041 of Paper & Co. 40 boxes of paper. Amount due: 480.00 EUR within 14 days.',
    amount: 480,
  },
  text: `# An invoice is read, checked, and paid after as many approvals as its amount asks for.
baton: 1
name: Invoice processing
description: Reads invoices, checks them and collects the approvals that their amount needs
tags: [finance]
title: "{{ input.supplier }}"
input:
  type: object
  required: [supplier, text, amount]
  properties:
    supplier: { type: string, minLength: 1, title: Supplier }
    amount: { type: number, minimum: 0, title: Amount }
    text: { type: string, minLength: 1, title: Text of the invoice }
limits: { steps: 20, cost: 1.00, duration: 60d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: read
    name: Read the invoice
    agent: invoice_clerk
    instructions: "Read this invoice of {{ input.supplier }}: {{ input.text }}"
    output:
      type: object
      required: [number, summary]
      properties:
        number: { type: string }
        summary: { type: string }
        odd: { type: boolean, description: Whether something does not add up }
    handoffs:
      - { when: failed, to: clarify }
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
      - { when: rejected, to: clarify }
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
      - { when: rejected, to: clarify }
  - key: book
    name: Write the booking
    prompt: "Write a booking line for invoice {{ steps.read.output.number }} of {{ input.supplier }}, amount {{ input.amount }}."
    handoffs:
      - { to: complete }
  - key: clarify
    name: Ask the supplier
    human:
      assign: ["role:owner"]
      instructions: "Clear this up with {{ input.supplier }}.{% if last.note %} Note: {{ last.note }}{% endif %}"
      due: 10d
    handoffs:
      - { when: corrected, to: read }
      - { when: dropped, to: complete }
`,
}
