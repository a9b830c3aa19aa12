/** `/workflows` in the API: definitions, versions, and what a workflow lets in. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../http/context.ts'
import type { Routes } from '../http/route.ts'
import { definitionRoutes } from './api/definitions.ts'
import { stateRoutes } from './api/states.ts'
import { validationRoutes } from './api/validation.ts'
import { versionRoutes } from './api/versions.ts'
import { dryRunRoutes } from './dry-run/routes.ts'
import { samplingRoutes } from './reviews/routes.ts'

export const workflowRoutes: Routes = new OpenAPIHono<ApiEnv>()

const areas = [definitionRoutes, validationRoutes, versionRoutes, stateRoutes, samplingRoutes, dryRunRoutes]
for (const routes of areas) workflowRoutes.route('/', routes)
