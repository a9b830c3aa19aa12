/** Two systems: what happens in one is looked up, brought into the other's shape and written there; a person helps where that fails. */
import type { Template } from './template.ts'

export const twoSystems: Template = {
  slug: 'two-systems',
  icon: 'workflow',
  agents: [],
  sample: { order: '4711', customer: 'Northwind Traders', email: 'kim@northwind.example', items: '40 boxes of paper' },
  text: `# The first system sends an order to this workflow's webhook. Put your own addresses in place of the two that end in
# .example, and a header such as "Bearer {{ secrets.crm }}" once an admin has set the secret: until then a person is asked.
baton: 1
name: Two systems in step
description: Takes an order from one system, completes it and writes it into another
tags: [integration]
title: "Order {{ input.order }}"
input:
  type: object
  required: [order, customer, items]
  properties:
    order: { type: string, minLength: 1, title: Number of the order }
    customer: { type: string, minLength: 1, title: Customer }
    email: { type: string, format: email, title: E-mail }
    items: { type: string, minLength: 1, title: What was ordered }
limits: { steps: 15, cost: 0.50, calls: 20, duration: 30d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: look_up
    name: Look the customer up
    http:
      url: "https://first-system.example/customers"
      query: { name: "{{ input.customer }}" }
    timeout: 10s
    retry: { attempts: 1 }
    handoffs:
      # Without it the order is written with what it came with.
      - { when: failed, to: shape }
      - { to: shape }
  - key: shape
    name: Bring it into shape
    prompt: |-
      Bring this order into the shape of the second system.
      customer: {{ input.customer }}
      items: {{ input.items }}
      {% if steps.look_up.output %}What the first system knows: {{ steps.look_up.output.body }}{% endif %}
      {% if last.note %}A colleague said: {{ last.note }}{% endif %}
    output:
      type: object
      required: [reference, customer, lines]
      properties:
        reference: { type: string }
        customer: { type: string }
        lines:
          type: array
          minItems: 1
          maxItems: 50
          items:
            type: object
            required: [item, quantity]
            properties:
              item: { type: string }
              quantity: { type: integer, minimum: 1, maximum: 10000 }
    handoffs:
      - { to: write }
  - key: write
    name: Write it
    http:
      method: PUT
      url: "https://second-system.example/orders/{{ input.order }}"
      body: "{{ steps.shape.output }}"
    timeout: 10s
    retry: { attempts: 1 }
    handoffs:
      - { when: failed, to: by_hand }
      - { to: complete }
  - key: by_hand
    name: Write it by hand
    human:
      assign: ["role:owner"]
      instructions: "The second system did not take order {{ input.order }}. Enter it there yourself, or have it tried again."
      approve: entered
      edits: shape
      due: 2d
    handoffs:
      - { when: entered, to: complete }
      - { when: try_again, to: write }
      - { when: wrong, to: shape }
`,
}
