/** Puts the Worker's HTTP side together: which routes there are, and what stands before all of them. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { getPath } from 'hono/utils/url'
import { knowledgeRoutes } from '../agent/knowledge/routes.ts'
import { agentRoutes } from '../agent/routes.ts'
import { skillRoutes } from '../agent/skills/routes.ts'
import { absenceRoutes } from '../approval/absence-routes.ts'
import { channelRoutes } from '../approval/channels/routes.ts'
import { approvalRoutes } from '../approval/routes.ts'
import { exportRoutes } from '../data/export/routes.ts'
import { retentionRoutes } from '../data/retention/routes.ts'
import { callbackRoutes } from '../execution/callbacks/routes.ts'
import { providerRoutes } from '../execution/providers/routes.ts'
import type { ApiEnv } from '../http/context.ts'
import { problem, unexpected } from '../http/errors.ts'
import { apiHeaders, requestId } from '../http/headers.ts'
import type { Routes } from '../http/route.ts'
import { alertRoutes } from '../insight/alerts/routes.ts'
import { correctionRoutes } from '../insight/corrections/correction-routes.ts'
import { metricsRoutes } from '../insight/metrics/routes.ts'
import { proofRoutes } from '../insight/proof/routes.ts'
import { reviewRoutes } from '../insight/review/review-routes.ts'
import { insightRoutes } from '../insight/routes.ts'
import { deliveryRoutes } from '../intake/delivery-routes.ts'
import { intakeRoutes } from '../intake/routes.ts'
import { webhookRoutes } from '../intake/webhook.ts'
import { seedRoutes } from '../seed/routes.ts'
import { commandRoutes } from '../task/api/command-routes.ts'
import { decisionRoutes } from '../task/api/decision-routes.ts'
import { eventRoutes } from '../task/api/event-routes.ts'
import { taskRoutes } from '../task/api/routes.ts'
import { documentRoutes } from '../task/document/routes.ts'
import { shareRoutes } from '../task/document/share-routes.ts'
import { fileRoutes } from '../task/files/routes.ts'
import { goneRoutes } from '../task/gone/routes.ts'
import { embeddingRoutes } from '../team/embedding/routes.ts'
import { hoursRoutes } from '../team/hours/routes.ts'
import { requireKey } from '../team/keys/require-key.ts'
import { keyRoutes } from '../team/keys/routes.ts'
import { limitRoutes } from '../team/limits/routes.ts'
import { priceRoutes } from '../team/prices/routes.ts'
import { secretRoutes } from '../team/secrets/routes.ts'
import { toolRoutes } from '../tool/routes.ts'
import { mcpServerRoutes } from '../tool/servers/routes.ts'
import { workflowRoutes } from '../workflow/routes.ts'
import { describeRoutes } from './openapi.ts'
import { pages } from './pages.tsx'

/** The path; of addresses that people and services copy, with or without a slash at its end. */
function pathOf(request: Request): string {
  const path = getPath(request)
  return /^\/(?:in|f|a|s|d|v)\/[^/]+\/$/.test(path) ? path.slice(0, -1) : path
}

/** Builds the app; once per isolate. */
function createApp(): Routes {
  const app: Routes = new OpenAPIHono<ApiEnv>({ getPath: pathOf })
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'A team key.',
  })
  app.use('*', requestId)
  app.use('/api/*', apiHeaders)
  app.use('/in/*', apiHeaders)
  app.use('/__local/*', apiHeaders)
  // Before any route: without a key nobody learns which routes there are.
  app.use('/api/v1/*', requireKey)
  const areas = [
    workflowRoutes,
    taskRoutes,
    commandRoutes,
    goneRoutes,
    decisionRoutes,
    eventRoutes,
    documentRoutes,
    shareRoutes,
    fileRoutes,
    intakeRoutes,
    deliveryRoutes,
    agentRoutes,
    skillRoutes,
    knowledgeRoutes,
    toolRoutes,
    mcpServerRoutes,
    approvalRoutes,
    absenceRoutes,
    channelRoutes,
    callbackRoutes,
    keyRoutes,
    secretRoutes,
    providerRoutes,
    limitRoutes,
    hoursRoutes,
    priceRoutes,
    retentionRoutes,
    exportRoutes,
    insightRoutes,
    alertRoutes,
    proofRoutes,
    metricsRoutes,
    embeddingRoutes,
    correctionRoutes,
    reviewRoutes,
    describeRoutes(() => app),
  ]
  for (const area of areas) app.route('/api/v1', area)
  app.route('/', webhookRoutes)
  app.route('/', seedRoutes)
  app.route('/', pages)
  app.notFound(c => problem(c, { kind: 'unknown_route' }))
  app.onError((error, c) => unexpected(c, error))
  return app
}

export const app = createApp()
