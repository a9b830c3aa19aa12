/** The templates that come with Baton. */
import { contentProduction } from './content-production.ts'
import { contractReview } from './contract-review.ts'
import { supportEscalation } from './customer-support-escalation.ts'
import { dataProcessing } from './data-processing.ts'
import { followUpTemplate } from './follow-up.ts'
import { hiringPipeline } from './hiring-pipeline.ts'
import { invoiceProcessing } from './invoice-processing.ts'
import { invoicesByMail } from './invoices-by-mail.ts'
import { leadNurturing } from './lead-nurturing.ts'
import { multiStepAnalysis } from './multi-step-analysis.ts'
import { plainApproval } from './plain-approval.ts'
import { supplierCheck } from './supplier-check.ts'
import type { Template } from './template.ts'
import { twoSystems } from './two-systems.ts'
import { weeklyReport } from './weekly-report.ts'

export const TEMPLATES: readonly Template[] = [
  leadNurturing,
  followUpTemplate,
  invoiceProcessing,
  invoicesByMail,
  contentProduction,
  supportEscalation,
  hiringPipeline,
  contractReview,
  weeklyReport,
  plainApproval,
  dataProcessing,
  multiStepAnalysis,
  twoSystems,
  supplierCheck,
]

export function templateBySlug(slug: string): Template | undefined {
  return TEMPLATES.find(template => template.slug === slug)
}
