/** What a new task is called before it begins: its title and its business key, by its definition's templates. */
import { fileInScope, withFiles } from '../file/file.ts'
import type { Json } from '../json/json.ts'
import type { Scope } from '../template/scope.ts'
import { renderText } from '../template/template.ts'
import { cleanLine } from '../text/clean.ts'
import { cut } from '../text/cut.ts'
import type { Definition } from '../workflow/definition.ts'
import { businessKey, renderedKey } from './business-key.ts'
import type { CreateTask } from './commands.ts'

const MAX_TITLE = 200

/** Its business key: given, or as its definition has it; null: it has none. */
export function keyOf(
  command: Pick<CreateTask, 'task' | 'input' | 'key' | 'files'>,
  definition: Definition,
): string | null {
  return command.key === undefined ? renderedKey(definition.key, scopeAtFirst(command)) : businessKey(command.key)
}

/** A card's title: given, rendered, or the first short text of the input. A title that cannot be rendered loses no task. */
export function titleOf(command: CreateTask, definition: Definition): string {
  const rendered = definition.title === undefined ? null : renderText(definition.title, scopeAtFirst(command))
  const title = command.title ?? (rendered?.ok ? rendered.text : null) ?? firstText(command.input) ?? definition.name
  return cut(cleanLine(title).replace(/\s+/g, ' '), MAX_TITLE).trim() || definition.name
}

/** What the templates of a new task read: its input, what came with it but not yet its text, and nothing that happened. */
function scopeAtFirst({ task, input, files: given = [] }: Pick<CreateTask, 'task' | 'input' | 'files'>): Scope {
  const last = { step: null, output: null, handoff: null, note: null, by: null }
  const files = new Map(given.map(file => [file.id, fileInScope(file, null)]))
  return {
    input: withFiles(input, files),
    files: [...files.values()],
    steps: {},
    last,
    task: { id: task, title: '', visit: 0 },
  }
}

function firstText(input: Json): string | null {
  if (typeof input !== 'object' || input === null) return typeof input === 'string' ? input : null
  const text = Object.values(input).find(
    value => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_TITLE,
  )
  return typeof text === 'string' ? text : null
}
