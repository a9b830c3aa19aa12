/** Filter, map and dedupe, as mail and forms take them; webhooks have the same. */
import { z } from '@hono/zod-openapi'
import { checkCondition } from '../../domain/handoff/condition.ts'
import { DELIVERY_ROOTS } from '../../domain/text/scope.ts'
import { checkTemplate } from '../../domain/text/template.ts'

const filter = z
  .string()
  .min(1)
  .max(2000)
  .superRefine((expression, ctx) => {
    const checked = checkCondition(expression, 'delivery')
    if (!checked.ok) ctx.addIssue({ code: 'custom', message: checked.message })
  })

const template = z
  .string()
  .max(20_000)
  .superRefine((text, ctx) => {
    const checked = checkTemplate(text)
    if (!checked.ok) return ctx.addIssue({ code: 'custom', message: checked.message })
    const strange = checked.paths.find(
      ([root]) => root !== undefined && !(DELIVERY_ROOTS as readonly string[]).includes(root),
    )
    const message = `\`${strange?.join('.')}\` is not there; a delivery has body, headers and query`
    if (strange) ctx.addIssue({ code: 'custom', message })
  })

const dedupe = z.union([
  z.strictObject({ header: z.string().min(1).max(100) }),
  z.strictObject({ path: z.string().min(1).max(200) }),
])

/** The keys that every intake of deliveries has. */
export const mappingFields = {
  filter: filter.optional(),
  map: z.record(z.string().min(1).max(100), template).optional(),
  dedupe: dedupe.optional(),
}
