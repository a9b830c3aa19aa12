/** What a human step is told: who is asked, what for, by when, and who may decide. */
import { z } from 'zod'
import { remindSchema } from '../../schedule/remind.ts'
import { assigneeSchema, durationSchema, type Frame, labelSchema, namedLabels } from '../../workflow/parts.ts'

const people = z.array(assigneeSchema)

export const humanSchema = z.strictObject({
  assign: people.max(50).optional(),
  instructions: z.string().max(20_000).optional(),
  /** Of a branch: what people choose among. A step's labels are those of its handoffs. */
  labels: z.array(labelSchema).min(1).max(20).optional(),
  approve: labelSchema.optional(),
  needs: z.int().min(1).max(50).optional(),
  /** Several stages of approval, one after another, in place of `assign` and `needs`. */
  stages: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(80).optional(),
        assign: people.min(1).max(50),
        needs: z.int().min(1).max(50).optional(),
      }),
    )
    .min(2)
    .max(10)
    .optional(),
  edits: z.string().optional(),
  /** `2d`, or `2 working days`. */
  due: durationSchema.optional(),
  /** When those who have not decided are reminded; unless set, as the team has it. */
  remind: remindSchema.optional(),
  overdue: z.strictObject({ assign: people.min(1).max(50).optional(), handoff: labelSchema.optional() }).optional(),
  reason: z.array(labelSchema).max(20).optional(),
  /** The labels that need the fields of the step's `output` filled in; unless set, the approving one. */
  form: z.array(labelSchema).min(1).max(20).optional(),
  /** How long a decision can be taken back, during which nothing comes of it. */
  undo: durationSchema.optional(),
  /** By a signed link it is decided only with the code that stands in the message. */
  risk: z.enum(['high']).optional(),
  requester: z.boolean().optional(),
  /**
   * Once people have approved the last twenty drafts unchanged, only one in so many is put before them; the others go on as
   * approved, and say so. Any edit or rejection brings full review back.
   */
  sample: z.int().min(2).max(20).optional(),
})
export type Human = z.infer<typeof humanSchema>

export interface HumanJob {
  kind: 'human'
  frame: Frame
  human: Human
}

/** What people choose among: the labels of its handoffs, a branch's own. Without any there is one button, Done. */
export function labelsOf({ frame, human }: Pick<HumanJob, 'frame' | 'human'>): string[] {
  const named = namedLabels(frame)
  if (named.length > 0) return named
  return [...new Set(human.labels ?? ['done'])]
}

/**
 * Why the step's question can never be left out, in words; null: it may be, where its `sample` says so. What people fill in,
 * what several of them must say, and what is risky, is theirs.
 */
export function whyNeverSampled({ frame, human }: Pick<HumanJob, 'frame' | 'human'>): string | null {
  if (human.risk === 'high') return 'Its risk is high.'
  if (human.stages !== undefined || (human.needs ?? 1) > 1) return 'Several people must approve.'
  if (frame.output !== undefined) return 'People fill in fields.'
  if (human.requester === false) return 'Whoever started the task may not approve it.'
  const approve = approvingLabel(human, labelsOf({ frame, human }))
  return approve !== null && human.reason?.includes(approve) ? 'An approval needs a reason.' : null
}

/** The label that approves: the one that the step names, `approved`, else its first. */
export function approvingLabel({ approve }: Human, labels: string[]): string | null {
  return approve ?? (labels.includes('approved') ? 'approved' : (labels[0] ?? null))
}
