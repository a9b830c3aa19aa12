/** Weekly report: notes become a report, checked against its own facts before a person sends it to Slack. */
import type { Template } from './template.ts'

export const weeklyReport: Template = {
  slug: 'weekly-report',
  icon: 'calendar',
  agents: [
    {
      key: 'report_writer',
      name: 'Report writer',
      model: 'demo',
      description: `You write a team's weekly report.

Role: turn notes into done, next and blocked, each with at most five points.
Rules: keep figures as they are, name who did what only where the notes do.
Edge cases: an empty part says "nothing this week".
You must never: add what the notes do not say, or praise or blame people.`,
    },
  ],
  sample: {
    week: '2026-W47',
    notes:
      'Released the new planner. Support answered 41 mails. The export is late because the supplier has not delivered.',
  },
  text: `# Start it by a schedule (Intakes), or by hand with the week's notes. It goes to Slack where slack_webhook is set.
baton: 1
name: Weekly report
description: Turns a week's notes into a report that a person reads before it goes out
tags: [reporting]
title: "Week {{ input.week }}"
result: "{{ steps.write.output }}"
input:
  type: object
  required: [week, notes]
  properties:
    week: { type: string, minLength: 1, title: Week }
    notes: { type: string, minLength: 1, title: Notes }
limits: { steps: 12, cost: 0.50, duration: 7d, reached: ask }
defaults: { model: demo, timeout: 60s, retry: { attempts: 3, delay: 2s, factor: 2 } }
steps:
  - key: collect
    name: Sort the notes
    prompt: "Sort these notes of week {{ input.week }} into done, next and blocked: {{ input.notes }}"
    output:
      type: object
      required: [done, next, blocked]
      properties:
        done: { type: array, items: { type: string }, maxItems: 8 }
        next: { type: array, items: { type: string }, maxItems: 8 }
        blocked: { type: array, items: { type: string }, maxItems: 8 }
    handoffs:
      - { to: write }
  - key: write
    name: Write the report
    agent: report_writer
    instructions: |-
      Write the report of week {{ input.week }}.
      Done: {{ steps.collect.output.done | join: "; " }}
      Next: {{ steps.collect.output.next | join: "; " }}
      Blocked: {{ steps.collect.output.blocked | join: "; " }}
      {% if last.note %}The reviewer said: {{ last.note }}{% endif %}
    handoffs:
      - { if: "size(steps.collect.output.blocked) > 5", to: escalate }
      - { to: read }
  - key: escalate
    name: Much is blocked
    human:
      assign: ["role:owner"]
      instructions: "More than five things are blocked. Speak with the team before the report goes out."
      due: 1d
    handoffs:
      - { when: spoken, to: read }
  - key: read
    name: Read and send
    human:
      assign: ["role:owner"]
      instructions: Is it true, and short enough? Change it, then send it.
      approve: send
      edits: write
      due: 1d
      reason: [rewrite]
    handoffs:
      - { when: send, to: post }
      - { when: rewrite, to: write }
  - key: post
    name: Post it
    tool: post_slack
    with: { text: "{{ steps.write.output }}" }
    handoffs:
      - { when: failed, to: complete }
      - { to: complete }
`,
}
