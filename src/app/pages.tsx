/** All pages: what stands before them, and the areas they come from. Mounted after the API, as its last part answers whatever is left. */
import { Hono } from 'hono'
import { answerPages } from '../agent/knowledge/answers-pages.tsx'
import { knowledgePages } from '../agent/knowledge/pages.tsx'
import { agentPages } from '../agent/pages.tsx'
import { skillPages } from '../agent/skills/pages.tsx'
import { absencePages } from '../approval/absence-pages.tsx'
import { channelPages } from '../approval/channels/pages.tsx'
import { handOverFrom } from '../approval/hand-over.ts'
import { inboxPages } from '../approval/inbox/pages.tsx'
import { linkPages } from '../approval/link-pages.tsx'
import { boardPages } from '../board/pages.tsx'
import { endPages } from '../data/end/pages.tsx'
import { exportPages } from '../data/export/pages.tsx'
import { retentionPages } from '../data/retention/pages.tsx'
import { callbackPages } from '../execution/callbacks/pages.tsx'
import { providerPages } from '../execution/providers/pages.tsx'
import { fileLinkPages, filePages } from '../files/pages.ts'
import { noteFailure } from '../http/failures.ts'
import { csrf, isPagePath, onPages, pageHeaders } from '../http/guard.ts'
import { errorPage, type PageContext, type PageEnv } from '../http/page/page.tsx'
import { alertPages } from '../insight/alerts/pages.tsx'
import { auditPages } from '../insight/audit/audit-pages.tsx'
import { correctionPages } from '../insight/corrections/correction-pages.tsx'
import { healthPages } from '../insight/health/pages.tsx'
import { metricsPages } from '../insight/metrics/metrics-pages.tsx'
import { proofPages } from '../insight/proof/proof-pages.tsx'
import { workflowReviewPages } from '../insight/review/review-pages.tsx'
import { searchPages } from '../insight/search/search-pages.tsx'
import { formPages } from '../intake/form/pages.tsx'
import { statusPages } from '../intake/form/status-pages.tsx'
import { kindPages } from '../intake/kinds/pages.tsx'
import { intakePages } from '../intake/pages.tsx'
import { comparePages } from '../task/document/compare-pages.tsx'
import { embedPages } from '../task/document/embed-pages.tsx'
import { documentPages } from '../task/document/pages.tsx'
import { sharedPages } from '../task/document/shared-pages.tsx'
import { erasePages } from '../task/gone/erase-pages.tsx'
import { gonePages } from '../task/gone/pages.tsx'
import { keepAnswerPages } from '../task/page/keep-answer-pages.ts'
import { taskPages } from '../task/page/pages.tsx'
import { embeddingPages } from '../team/embedding/pages.tsx'
import { hoursPages } from '../team/hours/pages.tsx'
import { keyPages } from '../team/keys/key-pages.tsx'
import { limitPages } from '../team/limits/pages.tsx'
import { outboxRoutes } from '../team/mail/outbox.tsx'
import { joinRoutes } from '../team/people/join.tsx'
import { peopleRoutes, removalRoutes } from '../team/people/people.tsx'
import { permissionRoutes } from '../team/people/permissions-page.tsx'
import { teamPages } from '../team/people/team-pages.tsx'
import { pricePages } from '../team/prices/pages.tsx'
import { secretPages } from '../team/secrets/pages.tsx'
import { localSignIn } from '../team/sign-in/local-sign-in.ts'
import { oidcRoutes } from '../team/sign-in/oidc/pages.tsx'
import { notePerson } from '../team/sign-in/session.ts'
import { sessionPages } from '../team/sign-in/sessions-pages.tsx'
import { signInRoutes } from '../team/sign-in/sign-in.tsx'
import { toolPages } from '../tool/pages.tsx'
import { mcpServerPages } from '../tool/servers/pages.tsx'
import { dryRunPages } from '../workflow/dry-run/pages.tsx'
import { editorPages } from '../workflow/editor/pages.tsx'
import { exchangePages } from '../workflow/exchange/pages.tsx'
import { workflowPages } from '../workflow/pages.tsx'
import { releasePages } from '../workflow/release/pages.tsx'
import { reviewPages } from '../workflow/reviews/pages.tsx'
import { managePages } from '../workflow/shelf/manage-pages.tsx'
import { picturePages } from '../workflow/shelf/picture-pages.tsx'
import { templatePages } from '../workflow/shelf/templates-pages.tsx'
import { access } from './access.ts'

export const pages = new Hono<PageEnv>()

pages.use('*', onPages(pageHeaders))
// No cookie takes part in a decision by link: it has a check of its own.
pages.route('/', linkPages)
// Public forms have no session to protect; plain clients send them, too.
pages.route('/', formPages)
pages.route('/', fileLinkPages)
pages.route('/', statusPages)
pages.route('/', sharedPages)
pages.route('/', embedPages)
pages.use('*', onPages(csrf))
pages.use('*', onPages(access))
pages.onError((error, c) => unexpectedPage(c, error))

pages.get('/', c => c.redirect('/workflows', 303))

pages.route('/', signInRoutes)
pages.route('/', oidcRoutes)
pages.route('/', localSignIn)
pages.route('/', joinRoutes)
pages.route('/', keyPages)
pages.route('/', secretPages)
pages.route('/', providerPages)
pages.route('/', limitPages)
pages.route('/', hoursPages)
pages.route('/', retentionPages)
pages.route('/', endPages)
pages.route('/', exportPages)
pages.route('/', channelPages)
pages.route('/', absencePages)
pages.route('/', pricePages)
pages.route('/', removalRoutes(handOverFrom))
pages.route('/', peopleRoutes)
pages.route('/', permissionRoutes)
pages.route('/', sessionPages)
pages.route('/', teamPages)
pages.route('/', outboxRoutes)
pages.route('/', searchPages)
pages.route('/', auditPages)
pages.route('/', proofPages)
pages.route('/', metricsPages)
pages.route('/', embeddingPages)
pages.route('/', workflowReviewPages)
pages.route('/', correctionPages)
pages.route('/', healthPages)
pages.route('/', alertPages)
pages.route('/', inboxPages)
pages.route('/', filePages)
pages.route('/', documentPages)
pages.route('/', comparePages)
pages.route('/', gonePages)
pages.route('/', erasePages)
pages.route('/', keepAnswerPages)
pages.route('/', taskPages)
pages.route('/', intakePages)
pages.route('/', callbackPages)
pages.route('/', workflowPages)
pages.route('/', exchangePages)
pages.route('/', editorPages)
pages.route('/', releasePages)
pages.route('/', agentPages)
pages.route('/', skillPages)
pages.route('/', knowledgePages)
pages.route('/', answerPages)
pages.route('/', toolPages)
pages.route('/', mcpServerPages)
pages.route('/', templatePages)
pages.route('/', managePages)
pages.route('/', reviewPages)
pages.route('/', dryRunPages)
pages.route('/', picturePages)
pages.route('/', kindPages)
pages.route('/', boardPages)

pages.all('*', onPages(notePerson), (c, next) => (isPagePath(c.req.path) ? errorPage(c, 404) : next()))

/** Answers for an exception: what broke goes to the log as one line, the reader gets the request's id. */
function unexpectedPage(c: PageContext, error: Error) {
  if (!noteFailure(c, error)) return errorPage(c, 500)
  c.header('Retry-After', '5')
  return errorPage(c, 503)
}
