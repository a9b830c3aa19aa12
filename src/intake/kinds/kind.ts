/** What each kind of intake must know to do: read its settings, keep them, and tell of itself. Webhooks have routes.ts. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import type { Read } from '../../http/request/body.ts'
import type { IntakeRow } from '../../records/intake/intakes.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'

/** Where a new intake belongs. */
export interface Place {
  team: string
  workflow: string
}

export interface IntakeKind {
  /** How a new one is called when its maker gives no name. */
  title: string
  /** Its keys beside `kind` and `name`. */
  keys: string[]
  /** Makes and keeps a new one of these settings, on record, or says what is wrong with them. */
  create(
    env: Env,
    place: Place,
    name: string,
    settings: Record<string, unknown>,
    actor: Actor,
  ): Promise<Read<IntakeRow>>
  /** Changes what is named in `settings`, the name if one is given, and keeps the rest. */
  change(
    env: Env,
    row: IntakeRow,
    name: string | undefined,
    settings: Record<string, unknown>,
    actor: Actor,
  ): Promise<Read<IntakeRow>>
  /** What else closing it ends. */
  close?(env: Env, row: IntakeRow): Promise<void>
  /** Its public fields beside id, kind, name, workflow and times. */
  answer(env: Env, row: IntakeRow): Record<string, unknown>
}

/** Settings as they lie in `intakes.config`, which is typed for webhooks. */
export function settingsOf<T>(row: Pick<IntakeRow, 'config'>): T {
  return row.config as unknown as T
}

/** The other way round. */
export function asConfig(settings: object): IntakeConfig {
  return settings as unknown as IntakeConfig
}

/** A row for a new intake of this kind. */
export function intakeRow(
  id: string,
  kind: IntakeRow['kind'],
  { team, workflow }: Place,
  name: string,
  settings: object,
  at: number,
): IntakeRow {
  const config = asConfig(settings)
  return { id, team, workflow, kind, name, config, createdAt: at, updatedAt: at, deletedAt: null }
}
export type { Env, IntakeRow }
