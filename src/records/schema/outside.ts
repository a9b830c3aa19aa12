/** The tables of what lies outside and a team uses: MCP servers with their tools, providers of models, and what models cost. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Provider } from '../../domain/models/provider.ts'
import type { LeftOut, ToldTool } from '../../domain/tools/mcp/listed.ts'

export const mcpServers = sqliteTable(
  'mcp_servers',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    url: text('url').notNull(),
    headers: text('headers', { mode: 'json' }).$type<Record<string, string>>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
    /** When its list was last read; null: never. */
    checkedAt: integer('checked_at'),
    /** What stood in the way of the last attempt, in words; null: nothing. */
    error: text('error'),
    failedAt: integer('failed_at'),
    leftOut: text('left_out', { mode: 'json' }).$type<LeftOut[]>().notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

export const mcpTools = sqliteTable(
  'mcp_tools',
  {
    team: text('team').notNull(),
    server: text('server').notNull(),
    name: text('name').notNull(),
    /** What its server says of it now; null: it lists it no more. */
    told: text('told', { mode: 'json' }).$type<ToldTool>(),
    digest: text('digest'),
    chosen: integer('chosen', { mode: 'boolean' }).notNull(),
    /** Counts what was accepted; 0: nothing ever was. */
    version: integer('version').notNull(),
    /** What a person accepted last; null: nothing ever was. */
    accepted: text('accepted', { mode: 'json' }).$type<ToldTool>(),
    acceptedDigest: text('accepted_digest'),
    acceptedAt: integer('accepted_at'),
    acceptedBy: text('accepted_by'),
  },
  table => [primaryKey({ columns: [table.team, table.server, table.name] })],
)

/** Providers of models that a team names besides the environment's own. */
export const modelProviders = sqliteTable(
  'model_providers',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    kind: text('kind').$type<Provider['kind']>().notNull(),
    baseUrl: text('base_url').notNull(),
    /** The name of the secret that it is asked with; null: it needs none. */
    secret: text('secret'),
    /** Names of models that are offered. */
    models: text('models', { mode: 'json' }).$type<string[]>().notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** What models cost a team where it says so itself, in USD per million tokens. */
export const modelPrices = sqliteTable(
  'model_prices',
  {
    team: text('team').notNull(),
    model: text('model').notNull(),
    input: real('input').notNull(),
    output: real('output').notNull(),
    /** Input that the provider had at hand; null: as much as other input. */
    cached: real('cached'),
    updatedAt: integer('updated_at').notNull(),
    updatedBy: text('updated_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.model] })],
)
