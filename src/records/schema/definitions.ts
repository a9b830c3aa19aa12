/** The tables of what teams define: workflows, agents, tools, schedules, and the versions of each. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { Knowledge } from '../../domain/knowledge.ts'
import type { Skill } from '../../domain/skill.ts'
import type { TeamTool } from '../../domain/tools/tool.ts'
import type { WorkflowStatus } from '../../domain/workflow/live.ts'

export const workflows = sqliteTable(
  'workflows',
  {
    id: text('id').primaryKey(),
    team: text('team').notNull(),
    name: text('name').notNull(),
    description: text('description'),
    owner: text('owner'),
    tags: text('tags', { mode: 'json' }).$type<string[]>().notNull(),
    status: text('status').$type<WorkflowStatus>().notNull(),
    /** The version that new tasks pin; null: nothing is published. */
    live: integer('live'),
    draft: text('draft'),
    draftFormat: text('draft_format').$type<DocumentFormat>(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [index('workflows_by_team').on(table.team, table.createdAt)],
)

export type DocumentFormat = 'json' | 'yaml'

/** Immutable. */
export const workflowVersions = sqliteTable(
  'workflow_versions',
  {
    workflow: text('workflow').notNull(),
    version: integer('version').notNull(),
    team: text('team').notNull(),
    /** What a task pins, as JSON text. */
    pinned: text('pinned').notNull(),
    digest: text('digest').notNull(),
    /** What its author wrote. */
    text: text('text').notNull(),
    format: text('format').$type<DocumentFormat>().notNull(),
    note: text('note'),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.workflow, table.version] })],
)

export const agents = sqliteTable(
  'agents',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    name: text('name').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** Immutable. */
export const agentVersions = sqliteTable(
  'agent_versions',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    agent: text('agent').notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.version] })],
)

export const tools = sqliteTable(
  'tools',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** Immutable. */
export const toolVersions = sqliteTable(
  'tool_versions',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    tool: text('tool', { mode: 'json' }).$type<TeamTool>().notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.version] })],
)

export const skills = sqliteTable(
  'skills',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** Immutable. */
export const skillVersions = sqliteTable(
  'skill_versions',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    skill: text('skill', { mode: 'json' }).$type<Skill>().notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.version] })],
)

/** `checkedAt`: when somebody last said that it is right still; null: since it was written. */
export const knowledge = sqliteTable(
  'knowledge',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
    checkedAt: integer('checked_at'),
  },
  table => [primaryKey({ columns: [table.team, table.key] })],
)

/** Immutable. */
export const knowledgeVersions = sqliteTable(
  'knowledge_versions',
  {
    team: text('team').notNull(),
    key: text('key').notNull(),
    version: integer('version').notNull(),
    knowledge: text('knowledge', { mode: 'json' }).$type<Knowledge>().notNull(),
    createdAt: integer('created_at').notNull(),
    createdBy: text('created_by').notNull(),
  },
  table => [primaryKey({ columns: [table.team, table.key, table.version] })],
)

/** Answers that wait to become knowledge, and what became of them. */
export const offeredAnswers = sqliteTable(
  'offered_answers',
  {
    team: text('team').notNull(),
    task: text('task').notNull(),
    visit: integer('visit').notNull(),
    run: integer('run').notNull(),
    key: text('key').notNull(),
    title: text('title').notNull(),
    text: text('text').notNull(),
    at: integer('at').notNull(),
    offeredBy: text('offered_by').notNull(),
    status: text('status').$type<'offered' | 'taken' | 'turned_down'>().notNull(),
    settledAt: integer('settled_at'),
  },
  table => [primaryKey({ columns: [table.team, table.task, table.visit, table.run] })],
)

export const schedules = sqliteTable('schedules', {
  /** Its intake's. */
  id: text('id').primaryKey(),
  team: text('team').notNull(),
  workflow: text('workflow').notNull(),
  dueAt: integer('due_at'),
  lastSlot: integer('last_slot').notNull(),
  lastTask: text('last_task'),
})

/** What is to become of a schedule's slots, and what did. */
export const scheduleSlots = sqliteTable(
  'schedule_slots',
  {
    schedule: text('schedule').notNull(),
    slot: integer('slot').notNull(),
    /** The last slot that the row stands for. */
    until: integer('until').notNull(),
    verdict: text('verdict').$type<SlotVerdict>().notNull(),
    task: text('task'),
    reason: text('reason'),
    byHand: integer('by_hand').notNull(),
    at: integer('at').notNull(),
  },
  table => [primaryKey({ columns: [table.schedule, table.slot] })],
)

export type SlotVerdict = 'started' | 'skipped' | 'refused' | 'queued'
