/** Invoices by mail: what is attached is read twice, and people are asked where the readings differ, a number came before, a supplier is new, or by amount. */
import type { Template } from './template.ts'

export const invoicesByMail: Template = {
  slug: 'invoices-by-mail',
  icon: 'file',
  agents: [],
  sample: {
    subject: 'Invoice 2041',
    from: 'billing@paper.example',
    text: 'supplier: Paper & Co\nnumber: 2041\namount: 480.00\n40 boxes of paper, to be paid within 14 days.',
  },
  text: `# Give it a mail intake and have invoices forwarded there: PDFs, office files and saved mails are read, else the mail itself.
baton: 1
name: Invoices by mail
description: Reads an attached invoice in two ways, finds earlier ones, and asks people by what it finds and by amount
tags: [finance]
title: "{{ input.subject | default: 'An invoice' }}"
result: "{{ steps.book.output }}"
input:
  type: object
  properties:
    subject: { type: string, title: Subject }
    from: { type: string, title: Sender }
    text: { type: string, title: Text of the mail }
limits: { steps: 20, cost: 1.00, duration: 60d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  # Two models that agree are wrong together less often: give the branches different ones.
  - key: read
    name: Read it twice
    parallel:
      branches:
        fields:
          prompt: |-
            Take supplier, number and amount from this invoice. Copy them as they stand; the amount is the one to be paid.
            {% for file in files %}{{ file.text | default: "" }}
            {% endfor %}{{ input.text | default: "" }}
            {% if last.note %}A colleague said: {{ last.note }}{% endif %}
          output:
            type: object
            required: [supplier, number, amount]
            properties:
              supplier: { type: string }
              number: { type: string }
              amount: { type: number }
        check:
          prompt: |-
            Which number does this invoice bear, and what is to be paid in all? Add the lines up where there are any.
            {% for file in files %}{{ file.text | default: "" }}
            {% endfor %}{{ input.text | default: "" }}
            {% if last.note %}A colleague said: {{ last.note }}{% endif %}
          output:
            type: object
            required: [number, amount]
            properties:
              number: { type: string }
              amount: { type: number }
    handoffs:
      - { when: failed, to: settle }
      - { if: "output.fields.number != output.check.number || output.fields.amount != output.check.amount", to: settle }
      - { to: earlier }
  - key: settle
    name: Settle what differs
    human:
      assign: ["role:owner"]
      instructions: |-
        The two readings of this invoice differ, or one failed. Is the first one right?

        {{ steps.read.output }}
      approve: first_is_right
      due: 5d
      reason: [read_again]
    handoffs:
      - { when: first_is_right, to: earlier }
      - { when: read_again, to: read }
      - { when: dropped, to: complete }
  - key: earlier
    name: Look for the number
    tool: find_tasks
    with: { query: "{{ steps.read.output.fields.number }} {{ steps.read.output.fields.supplier }}" }
    handoffs:
      - { when: failed, to: vendor }
      - { if: "size(output) > 0", to: duplicate }
      - { to: vendor }
  - key: duplicate
    name: Paid before?
    human:
      assign: ["role:owner"]
      instructions: |-
        Number {{ steps.read.output.fields.number }} of {{ steps.read.output.fields.supplier }} came before:
        {% for task in steps.earlier.output %}
        - {{ task.title }}: {{ task.url }}{% endfor %}
      approve: another_one
      due: 5d
    handoffs:
      - { when: another_one, to: vendor }
      - { when: duplicate, to: complete }
  - key: vendor
    name: Look for the supplier
    tool: find_tasks
    with: { query: "{{ steps.read.output.fields.supplier }}" }
    handoffs:
      - { when: failed, to: new_supplier }
      - { if: "size(output) == 0", to: new_supplier }
      - { if: "steps.read.output.fields.amount >= 5000.0", to: approve_large }
      - { to: approve }
  - key: new_supplier
    name: Check the supplier
    human:
      assign: ["role:owner"]
      instructions: |-
        {{ steps.read.output.fields.supplier }} ({{ input.from | default: "no sender" }}) has sent no invoice before. Are they known to you, and is the account theirs?
      approve: known
      due: 5d
      reason: [rejected]
    handoffs:
      - { when: known, if: "steps.read.output.fields.amount >= 5000.0", to: approve_large }
      - { when: known, to: approve }
      - { when: rejected, to: complete }
  - key: approve
    name: Approve the payment
    human:
      assign: ["role:owner"]
      instructions: "Pay {{ steps.read.output.fields.amount }} to {{ steps.read.output.fields.supplier }} for invoice {{ steps.read.output.fields.number }}?"
      approve: approved
      due: 5d
      reason: [rejected]
    handoffs:
      - { when: approved, to: book }
      - { when: rejected, to: complete }
  - key: approve_large
    name: Approve a large payment
    human:
      assign: ["role:owner", "role:admin"]
      instructions: "A large one: pay {{ steps.read.output.fields.amount }} to {{ steps.read.output.fields.supplier }}?"
      approve: approved
      risk: high
      due: 3d
      reason: [rejected]
    handoffs:
      - { when: approved, to: book }
      - { when: rejected, to: complete }
  - key: book
    name: Write the booking
    prompt: "Write a booking line for invoice {{ steps.read.output.fields.number }} of {{ steps.read.output.fields.supplier }}, amount {{ steps.read.output.fields.amount }}."
    handoffs:
      - { to: complete }
`,
}
